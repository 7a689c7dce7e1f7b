//! The one result of a batch.

use jiff::Timestamp;
use scaleout_core::batch::ItemState;
use scaleout_core::client::{Client, Execution};
use serde::Serialize;
use serde_json::Value;

use super::engine::Ended;
use crate::error::CliError;
use crate::execution_report;
use crate::output::{Cell, Outcome};

/// The result, and exactly what `--output json` prints.
#[derive(Serialize)]
struct BatchOutcome<'b> {
    batch: &'b str,
    status: &'static str,
    items: Vec<ItemOutcome<'b>>,
}

/// One item.
#[derive(Serialize)]
struct ItemOutcome<'b> {
    name: &'b str,
    package: &'b str,
    state: &'static str,
    /// Why it was not started.
    why: Option<&'b str>,
    /// As in the report of `soctl execute`; `null` when it was not started.
    execution: Option<Value>,
}

/// The report of a batch; exit code 0 only if every item succeeded, 3 if some were canceled and
/// none failed.
///
/// # Errors
/// The master refuses.
pub async fn of_batch(
    batch: &str,
    ended: &[Ended],
    client: &Client,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let executions: Vec<Execution> = ended
        .iter()
        .filter_map(|one| one.execution.clone())
        .collect();
    let mut outcome = execution_report::make(client, &executions, now).await?;
    let not_started = |one: &&Ended| one.execution.is_none();
    for one in ended.iter().filter(not_started) {
        outcome.report.rows.push(not_started_row(one));
    }
    if ended
        .iter()
        .any(|one| one.state == ItemState::Failed && one.execution.is_none())
    {
        outcome.exit_code = 1;
    }
    let mut lines = match &outcome.json {
        Ok(Value::Array(lines)) => lines.clone().into_iter(),
        _ => Vec::new().into_iter(),
    };
    let items: Vec<ItemOutcome<'_>> = ended
        .iter()
        .map(|one| ItemOutcome {
            name: &one.name,
            package: &one.package,
            state: word(one.state),
            why: one.why.as_deref(),
            execution: one.execution.as_ref().and_then(|_| lines.next()),
        })
        .collect();
    let data = BatchOutcome {
        batch,
        status: match outcome.exit_code {
            0 => "succeeded",
            3 => "canceled",
            _ => "failed",
        },
        items,
    };
    outcome.json = serde_json::to_value(&data);
    let count = |state| ended.iter().filter(|one| one.state == state).count();
    outcome.report.after.insert(
        0,
        format!(
            "batch {batch} {}: {} succeeded, {} failed, {} skipped",
            data.status,
            count(ItemState::Succeeded),
            count(ItemState::Failed),
            count(ItemState::Skipped)
        ),
    );
    Ok(outcome)
}

fn word(state: ItemState) -> &'static str {
    match state {
        ItemState::Waiting => "waiting",
        ItemState::Running => "running",
        ItemState::Succeeded => "succeeded",
        ItemState::Failed => "failed",
        ItemState::Skipped => "skipped",
    }
}

/// In the columns of the report of executions.
fn not_started_row(one: &Ended) -> Vec<Cell> {
    vec![
        Cell::Empty,
        Cell::Text(one.package.clone()),
        Cell::Empty,
        Cell::State {
            text: word(one.state).to_owned(),
            good: Some(false),
        },
        Cell::Empty,
        Cell::Empty,
        Cell::Text(one.why.clone().unwrap_or_default()),
    ]
}
