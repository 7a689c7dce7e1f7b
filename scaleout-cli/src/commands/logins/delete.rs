//! `soctl logins delete`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Delete a login with its tokens and permissions
///
/// What it did stays recorded under its name. On a terminal it asks first; in a script it needs
/// --yes.
///
/// Examples:
///   soctl logins delete carl --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// The login
    login: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_login`.
///
/// # Errors
/// There is no such login, it has granted permissions to others, the answer is no, or the master
/// refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    talk.confirm_final(&format!("delete login `{}`", args.login), args.yes)?;
    let deleted = arguments([("login_name", json!(args.login))]);
    client.call("delete_login", deleted).await?;
    let line = format!("deleted login `{}`", args.login);
    Ok(Outcome::new(
        &json!({ "login": args.login }),
        Report::lines([line]),
    ))
}
