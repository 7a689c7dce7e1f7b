//! `soctl references`.

pub mod create;
pub mod delete;
pub mod list;

use clap::Subcommand;

/// Look at the references of projects to environments, make and delete them
///
/// Examples:
///   soctl references list Nightly
///   soctl references create Nightly --folder Finance --environment test
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ReferencesCommand {
    List(list::ListArgs),
    Create(create::CreateArgs),
    Delete(delete::DeleteArgs),
}
