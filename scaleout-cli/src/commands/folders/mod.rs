//! `soctl folders`.

pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
pub mod rename;

use clap::Subcommand;

/// Look at folders, make and change them
///
/// Examples:
///   soctl folders list
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum FoldersCommand {
    List(list::ListArgs),
    Create(create::CreateArgs),
    Rename(rename::RenameArgs),
    Describe(describe::DescribeArgs),
    Delete(delete::DeleteArgs),
}
