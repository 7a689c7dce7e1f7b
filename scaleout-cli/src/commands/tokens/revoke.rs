//! `soctl tokens revoke`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// End a token: the next call with it is refused
///
/// Examples:
///   soctl tokens revoke 17
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RevokeArgs {
    /// Number of the token, as `soctl tokens list` shows it
    token: i64,
}

/// Calls `revoke_token`.
///
/// # Errors
/// There is no such token of yours, or the master refuses.
pub async fn run(args: RevokeArgs, client: &Client) -> Result<Outcome, CliError> {
    let revoked = arguments([("token_id", json!(args.token))]);
    client.call("revoke_token", revoked).await?;
    let line = format!("revoked token {}", args.token);
    Ok(Outcome::new(
        &json!({ "token_id": args.token }),
        Report::lines([line]),
    ))
}
