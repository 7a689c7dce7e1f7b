//! `soctl cert revoke`.

use clap::Args;
use scaleout_core::certificates::Thumbprint;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Refuse the certificate of a worker from its next request on
///
/// Every master of the catalog refuses it, whatever its folder Root holds. It cannot be trusted again.
///
/// Examples:
///   soctl cert revoke A9993E364706816ABA3E25717850C26C9CD0D89D --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RevokeArgs {
    /// Its thumbprint, SHA-1 or SHA-256
    thumbprint: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `revoke_certificate`.
///
/// # Errors
/// It is no thumbprint, the answer is no, or the master refuses.
pub async fn run(args: RevokeArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let thumbprint: Thumbprint = args.thumbprint.parse()?;
    talk.confirm_final(&format!("revoke certificate {thumbprint}"), args.yes)?;
    let revoke = arguments([("thumbprint", json!(thumbprint.as_str()))]);
    client.call("revoke_certificate", revoke).await?;
    let line = format!("certificate {thumbprint} is refused from now on");
    let json = json!({ "thumbprint": thumbprint.as_str() });
    Ok(Outcome::new(&json, Report::lines([line])))
}
