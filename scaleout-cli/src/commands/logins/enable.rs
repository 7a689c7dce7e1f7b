//! `soctl logins enable`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Let a login in again
///
/// Examples:
///   soctl logins enable anna
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct EnableArgs {
    /// The login
    login: String,
}

/// Calls `set_login_enabled`.
///
/// # Errors
/// There is no such login, or the master refuses.
pub async fn run(args: EnableArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = arguments([
        ("login_name", json!(args.login)),
        ("is_enabled", json!(true)),
    ]);
    client.call("set_login_enabled", change).await?;
    let line = format!("enabled login `{}`", args.login);
    let shown = json!({ "login": args.login, "is_enabled": true });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
