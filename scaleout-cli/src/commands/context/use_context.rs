//! `soctl context use`.

use clap::Args;
use serde_json::json;

use crate::context::Contexts;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Talk to another master from now on
///
/// Examples:
///   soctl context use production
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct UseArgs {
    /// Name of the context
    name: String,
}

/// Changes the current context.
///
/// # Errors
/// There is no such context, or the file cannot be written.
pub fn run(args: &UseArgs) -> Result<Outcome, CliError> {
    Contexts::load()?.use_from_now_on(&args.name)?;
    let line = format!("commands talk to the master of `{}` from now on", args.name);
    Ok(Outcome::new(
        &json!({ "current": args.name }),
        Report::lines([line]),
    ))
}
