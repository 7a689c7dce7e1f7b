//! `soctl executions watch`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;

use super::follow::Watched;
use crate::error::CliError;
use crate::execution_report;
use crate::interrupt::interrupted;
use crate::output::{Outcome, Talk};

/// Watch executions until they have ended
///
/// Exit code: 0 when all succeeded, 3 when one was canceled, 1 when one failed. Ctrl-C ends the
/// watching with exit code 130; the executions go on.
///
/// Examples:
///   soctl executions watch 42
///   soctl executions watch 42 43
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
    let mut watched = Watched::of(&args.execution_ids);
    tokio::select! {
        done = until_reported(client, &mut watched, talk) => done,
        () = interrupted() => Err(watched.interrupted().into()),
    }
}

async fn until_reported(
    client: &Client,
    watched: &mut Watched,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    let ended = watched.until_ended(client, talk).await?;
    execution_report::make(client, &ended, Timestamp::now()).await
}
