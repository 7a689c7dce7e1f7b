//! `soctl context`.

pub mod delete;
pub mod list;
pub mod show;
pub mod use_context;

use clap::Subcommand;

/// Choose which master commands talk to, and as whom
///
/// Examples:
///   soctl context list
///   soctl context use production
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ContextCommand {
    List(list::ListArgs),
    Use(use_context::UseArgs),
    Show(show::ShowArgs),
    Delete(delete::DeleteArgs),
}
