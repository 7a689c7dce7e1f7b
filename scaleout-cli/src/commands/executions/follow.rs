//! Following executions while they run: live on a terminal, plain lines in a pipe.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::ProgressBar;
use scaleout_core::client::{Client, Execution, MessageRow};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::Talk;

/// How often a person sees something new.
const EVERY: Duration = Duration::from_millis(200);

/// Waits until all executions have ended; shows each change of state and, on a terminal, what each does.
///
/// # Errors
/// The master refuses, or cannot be reached any more.
pub async fn until_ended(
    client: &Client,
    ids: &[i64],
    talk: &Talk,
) -> Result<Vec<Execution>, CliError> {
    let mut lines: BTreeMap<i64, Line> = BTreeMap::new();
    loop {
        let mut executions = Vec::with_capacity(ids.len());
        for &id in ids {
            let execution = client.execution(id).await?;
            lines
                .entry(id)
                .or_default()
                .update(client, &execution, talk)
                .await?;
            executions.push(execution);
        }
        if executions
            .iter()
            .all(|execution| execution.status.is_terminal())
        {
            return Ok(executions);
        }
        pause(EVERY).await;
    }
}

/// What is on the screen about one execution.
#[derive(Default)]
struct Line {
    said: Option<OperationStatus>,
    bar: Option<ProgressBar>,
}

impl Line {
    async fn update(
        &mut self,
        client: &Client,
        execution: &Execution,
        talk: &Talk,
    ) -> Result<(), CliError> {
        if self.said.replace(execution.status) != Some(execution.status) {
            talk.say(&change_line(execution));
        }
        if execution.status.is_terminal() {
            if let Some(bar) = self.bar.take() {
                bar.finish_and_clear();
            }
            return Ok(());
        }
        if self.bar.is_none() {
            self.bar = talk.spinner(&change_line(execution));
        }
        if let Some(bar) = &self.bar {
            bar.set_message(progress_text(client, execution).await?);
        }
        Ok(())
    }
}

fn change_line(execution: &Execution) -> String {
    let Execution {
        execution_id,
        package,
        ..
    } = execution;
    let status = execution.status.as_str();
    match execution.worker_agent_id {
        Some(worker) => {
            format!("execution {execution_id} ({package}): {status} on worker {worker}")
        }
        None => format!("execution {execution_id} ({package}): {status}"),
    }
}

/// What an execution does right now: the first line of its last event.
async fn progress_text(client: &Client, execution: &Execution) -> Result<String, CliError> {
    let query = ViewQuery {
        equals: by_id("operation_id", execution.execution_id),
        order_by: Some("event_message_id".to_owned()),
        descending: true,
        limit: Some(1),
        ..ViewQuery::default()
    };
    let found = client.view("event_messages", &query).await?;
    let message = found
        .iter()
        .next()
        .and_then(|row| row.text("message"))
        .unwrap_or("waiting for a worker");
    let first_line = message.lines().next().unwrap_or_default();
    Ok(format!(
        "execution {} ({}): {first_line}",
        execution.execution_id, execution.package
    ))
}

/// One message as a line of a log.
#[must_use]
pub fn line_of(message: &MessageRow) -> String {
    let MessageRow {
        event_name,
        package_path,
        message: text,
        ..
    } = message;
    let time = message
        .message_time
        .map(|time| format!("{time:.3}"))
        .unwrap_or_default();
    format!("{time} {event_name} {package_path}: {text}")
}

/// Waits between two looks.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
