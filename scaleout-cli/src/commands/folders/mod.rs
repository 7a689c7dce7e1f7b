//! `soctl folders`.

pub mod list;

use clap::Subcommand;

/// Look at folders
#[derive(Debug, Subcommand)]
pub enum FoldersCommand {
    List(list::ListArgs),
}
