//! `soctl workers disable`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;

use super::enable::set;
use crate::error::CliError;
use crate::output::Outcome;

/// Give workers no new executions; what they run they finish
///
/// Examples:
///   soctl workers disable computerA
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DisableArgs {
    /// Ids, display names or machine names
    #[arg(required = true)]
    workers: Vec<String>,
}

/// Calls `disable_worker_agent` for each; all names are checked before the first call.
///
/// # Errors
/// A worker is unknown, or the master refuses.
pub async fn run(args: DisableArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    set(client, &args.workers, "disable_worker_agent", now).await
}
