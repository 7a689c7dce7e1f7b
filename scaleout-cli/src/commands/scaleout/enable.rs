//! `soctl scaleout enable`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Enable Scale Out in this catalog
///
/// Examples:
///   soctl scaleout enable
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct EnableArgs {}

/// Calls `enable_scaleout`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: EnableArgs, client: &Client) -> Result<Outcome, CliError> {
    client.call("enable_scaleout", Arguments::new()).await?;
    Ok(Outcome::new(
        &json!({ "scaleout_enabled": true }),
        Report::lines(["Scale Out is enabled".to_owned()]),
    ))
}
