//! `soctl executions watch`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;

use super::follow::until_ended;
use crate::error::CliError;
use crate::execution_report;
use crate::output::{Outcome, Talk};

/// Watch executions until they have ended
///
/// Exit code: 0 when all succeeded, 3 when one was canceled, 1 when one failed.
///
/// Example: soctl executions watch 42 43
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct WatchArgs {
    /// Execution ids
    #[arg(required = true)]
    execution_ids: Vec<i64>,
}

/// Waits, then reports.
///
/// # Errors
/// An execution is unknown, or the master cannot be reached any more.
pub async fn run(args: WatchArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let ended = until_ended(client, &args.execution_ids, talk).await?;
    execution_report::make(client, &ended, Timestamp::now()).await
}
