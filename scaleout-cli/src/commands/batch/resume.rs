//! `soctl batch resume`.

use clap::Args;
use scaleout_core::client::Client;

use super::run::{BatchArgs, Start, run_from};
use crate::error::CliError;
use crate::output::{Outcome, Talk};

/// Go on with a batch that failed or broke off, from what is left
///
/// What has succeeded stays, what still runs is waited for, what failed, was canceled or skipped
/// runs again. The batch is read and checked again: what was wrong may be mended in it, and a project
/// deployed anew. Nothing runs twice, whenever the earlier `soctl` was killed.
///
/// Examples:
///   soctl batch resume nightly.toml
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ResumeArgs {
    #[command(flatten)]
    batch: BatchArgs,
}

/// Goes on with a batch.
///
/// # Errors
/// There is nothing to go on with, the batch cannot be run as it is, or the master refuses.
pub async fn run(args: ResumeArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    run_from(&args.batch, Start::FromWhatIsLeft, client, talk).await
}
