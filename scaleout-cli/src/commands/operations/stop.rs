//! `soctl operations stop`.

use clap::Args;
use scaleout_core::client::Client;

use super::show;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report, Talk};
use crate::rows::objects;

/// Stop an execution or a validation
///
/// On a terminal it asks first; in a script it does not.
///
/// Examples:
///   soctl operations stop 42 --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct StopArgs {
    /// Operation id
    operation_id: i64,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `stop_operation`.
///
/// # Errors
/// There is no such operation, it has ended already, or the master refuses.
pub async fn run(args: StopArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let id = args.operation_id;
    if !args.yes && !talk.confirm(&format!("stop operation {id}?")) {
        return Err(CommandError::Interrupted.into());
    }
    client.stop(id).await?;
    let found = show::find(client, id).await?;
    let line = format!("operation {id} is being stopped");
    Ok(Outcome::new(&objects(&found), Report::lines([line])))
}
