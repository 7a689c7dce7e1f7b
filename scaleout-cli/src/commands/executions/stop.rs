//! `soctl executions stop`.

use clap::Args;
use scaleout_core::client::Client;

use super::follow::until_ended;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};

/// Stop an execution
///
/// Example: soctl executions stop 42 --wait
#[derive(Args, Debug)]
pub struct StopArgs {
    /// Execution id
    execution_id: i64,
    /// Return only when it has ended
    #[arg(long)]
    wait: bool,
}

/// Calls `stop_operation`.
///
/// # Errors
/// There is no such execution, it has ended already, or the master refuses.
pub async fn run(args: StopArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
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
