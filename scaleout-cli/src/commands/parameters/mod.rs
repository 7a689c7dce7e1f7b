//! `soctl parameters`.

pub mod clear;
pub mod declared;
pub mod explain;
pub mod list;
pub mod set;
mod source;

use clap::Subcommand;

/// Look at the parameters of projects, set their values, see where values come from
///
/// Examples:
///   soctl parameters list Nightly
///   soctl parameters set Nightly Day --folder Finance --package load.dtsx \
///     --variable Day
///   soctl parameters explain load.dtsx --folder Finance --project Nightly
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ParametersCommand {
    List(list::ListArgs),
    Set(set::SetArgs),
    Clear(clear::ClearArgs),
    Explain(explain::ExplainArgs),
}
