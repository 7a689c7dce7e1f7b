//! Following executions while they run: live on a terminal, plain lines in a pipe.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::ProgressBar;
use scaleout_core::client::Client;
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::execution_summary::{self, ExecutionSummary, by_id};
use crate::output::Talk;
use crate::rows::{self, Row};

/// How often a person sees something new.
const EVERY: Duration = Duration::from_millis(200);

/// Waits until all executions have ended; shows each change of state and, on a terminal, what each does.
///
/// # Errors
/// The master refuses, or cannot be reached any more.
pub async fn until_ended(client: &Client, ids: &[i64], talk: &Talk) -> Result<Vec<ExecutionSummary>, CliError> {
    let mut bars: BTreeMap<i64, Option<ProgressBar>> = BTreeMap::new();
    let mut seen: BTreeMap<i64, OperationStatus> = BTreeMap::new();
    loop {
        let mut executions = Vec::with_capacity(ids.len());
        for &id in ids {
            executions.push(execution_summary::one(client, id).await?);
        }
        for execution in &executions {
            let status = execution.operation_status();
            if seen.insert(execution.execution_id, status) != Some(status) {
                talk.say(&change_line(execution));
            }
            let bar = bars.entry(execution.execution_id).or_insert_with(|| talk.spinner(&change_line(execution)));
            match bar {
                Some(bar) if status.is_terminal() => bar.finish_and_clear(),
                Some(bar) => bar.set_message(progress_text(client, execution).await?),
                None => {}
            }
        }
        if executions.iter().all(|execution| execution.operation_status().is_terminal()) {
            return Ok(executions);
        }
        pause(EVERY).await;
    }
}

fn change_line(execution: &ExecutionSummary) -> String {
    let ExecutionSummary { execution_id, package_name, status, .. } = execution;
    match execution.worker_agent_id {
        Some(worker) => format!("execution {execution_id} ({package_name}): {status} on worker {worker}"),
        None => format!("execution {execution_id} ({package_name}): {status}"),
    }
}

/// What an execution does right now: its last event, and rows written.
async fn progress_text(client: &Client, execution: &ExecutionSummary) -> Result<String, CliError> {
    let query = ViewQuery {
        equals: by_id("operation_id", execution.execution_id),
        order_by: Some("event_message_id".to_owned()),
        descending: true,
        limit: Some(1),
        ..ViewQuery::default()
    };
    let found = client.view("event_messages", &query).await?;
    let last = rows::each(&found).next().map(|row| first_line(row.text("message")).to_owned()).unwrap_or_default();
    Ok(format!("execution {} ({}): {}", execution.execution_id, execution.package_name, last))
}

/// One message as a line of a log.
#[must_use]
pub fn line_of(row: Row<'_>) -> String {
    let time: String = row.text("message_time").chars().take(23).collect();
    format!("{time} {} {}: {}", row.text("event_name"), row.text("package_path"), row.text("message"))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Waits between two looks.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
