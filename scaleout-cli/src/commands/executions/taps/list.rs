//! `soctl executions taps list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::Outcome;
use crate::rows;

/// List the data taps of an execution
///
/// Examples:
///   soctl executions taps list 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Execution id
    execution_id: i64,
}

/// Reads `catalog.execution_data_taps`.
///
/// # Errors
/// There is no such execution, or the master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    client.execution(args.execution_id).await?;
    let query = ViewQuery {
        equals: by_id("execution_id", args.execution_id),
        ..ViewQuery::default()
    };
    let found = client.view("execution_data_taps", &query).await?;
    Ok(Outcome::new(&rows::objects(&found), rows::report(&found)))
}
