//! `soctl context delete`.

use clap::Args;
use serde_json::json;

use crate::context::Contexts;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};

/// Forget a context with its token
///
/// The token stays good until it ends; `soctl logout` ends it. On a terminal it asks first; in a
/// script it needs --yes.
///
/// Examples:
///   soctl context delete old --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// Name of the context
    name: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Removes the context from the file.
///
/// # Errors
/// There is no such context, the answer is no, or the file cannot be written.
pub fn run(args: &DeleteArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let contexts = Contexts::load()?;
    contexts.get(&args.name)?;
    talk.confirm_final(&format!("delete context `{}`", args.name), args.yes)?;
    contexts.delete(&args.name)?;
    let line = format!("deleted context `{}`", args.name);
    Ok(Outcome::new(
        &json!({ "name": args.name }),
        Report::lines([line]),
    ))
}
