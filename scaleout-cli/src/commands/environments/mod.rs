//! `soctl environments`.

pub mod create;
pub mod delete;
pub mod list;
pub mod move_to;
pub mod rename;
pub mod show;

use clap::Subcommand;

/// Look at environments, make and change them
///
/// An environment is a set of variables. Parameters of a project take their values from them through
/// a reference: `soctl variables`, `soctl references`, `soctl parameters set --variable`.
///
/// Examples:
///   soctl environments list
///   soctl environments create test --folder Finance
///   soctl environments show dev --folder Finance
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum EnvironmentsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Create(create::CreateArgs),
    Rename(rename::RenameArgs),
    Move(move_to::MoveArgs),
    Delete(delete::DeleteArgs),
}
