//! `soctl logins disable`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Keep a login out, with all its tokens
///
/// Examples:
///   soctl logins disable anna
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DisableArgs {
    /// The login
    login: String,
}

/// Calls `set_login_enabled`.
///
/// # Errors
/// There is no such login, or the master refuses.
pub async fn run(args: DisableArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = arguments([
        ("login_name", json!(args.login)),
        ("is_enabled", json!(false)),
    ]);
    client.call("set_login_enabled", change).await?;
    let line = format!("disabled login `{}`", args.login);
    let shown = json!({ "login": args.login, "is_enabled": false });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
