//! `soctl expression`.

pub mod eval;
mod values;

use clap::Subcommand;

/// Try the expression language
#[derive(Debug, Subcommand)]
pub enum ExpressionCommand {
    Eval(eval::EvalArgs),
}
