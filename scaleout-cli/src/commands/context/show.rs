//! `soctl context show`.

use clap::Args;

use super::list::{as_json, ends};
use crate::args::GlobalArgs;
use crate::context::Contexts;
use crate::error::{CliError, CommandError};
use crate::output::{Cell, Outcome, Report};

/// Show a context, the current one if none is named
///
/// Examples:
///   soctl context show
///   soctl context show production
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// Name of the context
    name: Option<String>,
}

/// Reads the file of contexts; the token stays there.
///
/// # Errors
/// There is no such context, or the file is damaged.
pub fn run(args: &ShowArgs, global: &GlobalArgs) -> Result<Outcome, CliError> {
    let contexts = Contexts::load()?;
    let chosen = args.name.as_deref().or_else(|| contexts.chosen(global));
    let name = chosen.ok_or(CommandError::NoMaster)?;
    let context = contexts.get(name)?;
    let is_current = contexts.current.as_deref() == Some(name);
    let report = Report::facts([
        ("context", Cell::Text(name.to_owned())),
        (
            "current",
            Cell::Text(if is_current { "yes" } else { "no" }.to_owned()),
        ),
        ("master", Cell::Text(context.master.clone())),
        (
            "certificate (SHA-256)",
            Cell::Text(context.thumbprint.clone()),
        ),
        (
            "login",
            Cell::Text(context.login.clone().unwrap_or_default()),
        ),
        ("token ends", Cell::Text(ends(context))),
    ]);
    Ok(Outcome::new(&as_json(name, context, is_current), report))
}
