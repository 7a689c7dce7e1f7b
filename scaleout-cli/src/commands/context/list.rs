//! `soctl context list`.

use clap::Args;
use serde_json::{Value, json};

use crate::context::{Context, Contexts};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report, local_time};

/// List the known masters and as whom you talk to them
///
/// Examples:
///   soctl context list
///   soctl context list --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// Reads the file of contexts; tokens stay there.
///
/// # Errors
/// The file is damaged.
pub fn run(_args: &ListArgs) -> Result<Outcome, CliError> {
    let contexts = Contexts::load()?;
    let mut report = Report::table(["current", "context", "master", "login", "token ends"]);
    let mut all = Vec::new();
    for (name, context) in &contexts.contexts {
        let is_current = contexts.current.as_deref() == Some(name);
        let mark = if is_current { "*" } else { "" };
        report.rows.push(vec![
            Cell::Text(mark.to_owned()),
            Cell::Text(name.clone()),
            Cell::Text(context.master.clone()),
            Cell::Text(context.login.clone().unwrap_or_default()),
            Cell::Text(ends(context)),
        ]);
        all.push(as_json(name, context, is_current));
    }
    Ok(Outcome::new(&all, report))
}

/// When the token of a context ends, in words.
pub fn ends(context: &Context) -> String {
    match context.expires {
        _ if context.token.is_empty() => "logged out".to_owned(),
        Some(time) => local_time(time),
        None => "never".to_owned(),
    }
}

/// A context without its token.
pub fn as_json(name: &str, context: &Context, is_current: bool) -> Value {
    json!({
        "name": name,
        "current": is_current,
        "master": context.master,
        "thumbprint": context.thumbprint,
        "login": context.login,
        "logged_in": !context.token.is_empty(),
        "expires": context.expires,
    })
}
