//! `soctl expression`.

pub mod eval;
mod values;

use clap::Subcommand;

/// Try the expression language
///
/// Examples:
///   soctl expression eval '1 + 2'
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ExpressionCommand {
    Eval(eval::EvalArgs),
}
