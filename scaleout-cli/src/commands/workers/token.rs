//! `soctl workers token create`.

use clap::{Args, Subcommand};
use scaleout_core::client::Client;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Tokens with which a worker may ask to join
///
/// Examples:
///   soctl workers token create
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum TokenCommand {
    Create(CreateArgs),
}

/// Make a token with which one worker may ask to join
///
/// It holds the thumbprint of the master's certificate, so the worker knows whom it talks to. It is for
/// one worker, ends after an hour, and is kept nowhere. `soctl worker join` takes it.
///
/// Examples:
///   soctl workers token create > join.token
///   soctl workers token create --auto-approve 10.0.0.0/8 --enable
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// For how many minutes it is good
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=43_200))]
    valid_minutes: u32,
    /// Let a worker that asks from this network in at once, such as 10.0.0.0/8; may be repeated
    #[arg(long, value_name = "CIDR")]
    auto_approve: Vec<String>,
    /// Let the worker take executions at once, where it is let in by --auto-approve
    #[arg(long)]
    enable: bool,
}

/// Calls `create_worker_token`.
///
/// # Errors
/// The master refuses.
pub async fn create(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let certificate = client.master_certificate().await?;
    let new = arguments([
        ("valid_minutes", json!(args.valid_minutes)),
        ("auto_approve", json!(args.auto_approve.join(","))),
        ("enable", json!(args.enable)),
    ]);
    let made = client.call("create_worker_token", new).await?;
    let secret = made.outputs.get("@token").and_then(Value::as_str);
    let token = format!(
        "so1.{}.{}",
        secret.unwrap_or_default(),
        certificate.thumbprint_sha256()
    );
    let shown = json!({
        "token": token,
        "expires_time": made.outputs.get("@expires_time"),
        "master": client.endpoint().to_string(),
    });
    Ok(Outcome::new(&shown, Report::lines([token])))
}

/// Secret and the master's thumbprint out of a token.
#[must_use]
pub fn parts(token: &str) -> Option<(&str, &str)> {
    let rest = token.trim().strip_prefix("so1.")?;
    let (secret, thumbprint) = rest.split_once('.')?;
    (!secret.is_empty() && thumbprint.len() == 64).then_some((secret, thumbprint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_secret_and_a_thumbprint() {
        let thumbprint = "A".repeat(64);
        let token = format!(" so1.abc.{thumbprint}\n");
        assert_eq!(parts(&token), Some(("abc", thumbprint.as_str())));
        for wrong in ["", "so1.abc", "so1..A", "so2.abc.A", "so1.abc.A"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
