//! `soctl executions stop`.

use clap::Args;
use scaleout_core::client::Client;

use super::follow::until_ended;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report, Talk};

/// Stop an execution
///
/// On a terminal it asks first; in a script it does not.
///
/// Examples:
///   soctl executions stop 42 --wait
///   soctl executions stop 42 --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct StopArgs {
    /// Execution id
    execution_id: i64,
    /// Return only when it has ended
    #[arg(long)]
    wait: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `stop_operation`.
///
/// # Errors
/// There is no such execution, it has ended already, or the master refuses.
pub async fn run(args: StopArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    if !args.yes && !talk.confirm(&format!("stop execution {}?", args.execution_id)) {
        return Err(CommandError::Interrupted.into());
    }
    client.stop(args.execution_id).await?;
    if args.wait {
        until_ended(client, &[args.execution_id], talk).await?;
    }
    let execution = client.execution(args.execution_id).await?;
    let line = format!(
        "execution {} is {}",
        execution.execution_id,
        execution.status.as_str()
    );
    Ok(Outcome::new(&execution, Report::lines([line])))
}
