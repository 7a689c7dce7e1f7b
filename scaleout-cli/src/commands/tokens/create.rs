//! `soctl tokens create`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Make a token for your login, for a script
///
/// Whoever has it is you: it is printed once and kept nowhere. A script gives it in `SOCTL_TOKEN`.
///
/// Examples:
///   soctl tokens create --description 'nightly load' > token
///   soctl tokens create --valid-days 365
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// For how many days it is good
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=366))]
    valid_days: u32,
}

/// Calls `create_token`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let new = arguments([
        ("description", json!(args.description)),
        ("valid_days", json!(args.valid_days)),
    ]);
    let made = client.call("create_token", new).await?;
    let token = made.outputs.get("@token").and_then(Value::as_str);
    let token = token.unwrap_or_default().to_owned();
    let shown = json!({ "token_id": made.outputs.get("@token_id"), "token": token });
    Ok(Outcome::new(&shown, Report::lines([token])))
}
