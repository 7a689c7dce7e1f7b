//! `soctl folders`.

pub mod list;

use clap::Subcommand;

/// Look at folders
///
/// Examples:
///   soctl folders list
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum FoldersCommand {
    List(list::ListArgs),
}
