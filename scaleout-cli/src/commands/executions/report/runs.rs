//! The pages All executions, Performance and Runs: this execution among those of the same package.

use jiff::{SignedDuration, Timestamp};
use scaleout_core::client::Execution;
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::{Drawn, Subject};
use crate::error::CliError;
use crate::execution_summary::{duration, from_rows, status_cell};
use crate::output::{Cell, Report};

/// Runs that the chart of the original shows.
const LAST: usize = 10;
/// Over which the original takes the average: three months.
const DAYS: i64 = 90;
/// Most runs that the average is taken of; the server gives no more at once.
const MOST: u32 = 10_000;
/// Characters of the longest bar.
const BAR: usize = 30;

pub(super) async fn draw_all(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let executions = of_package(subject, None, subject.limit).await?;
    let mut table = Report::table([
        "execution",
        "status",
        "started",
        "ended",
        "duration",
        "caller",
    ]);
    table.rows = executions
        .iter()
        .map(|execution| {
            vec![
                Cell::Number(execution.execution_id.to_string()),
                status_cell(execution),
                Cell::moment(execution.start_time),
                Cell::moment(execution.end_time),
                Cell::duration(duration(execution, subject.now)),
                Cell::Text(execution.caller_name.clone().unwrap_or_default()),
            ]
        })
        .collect();
    Ok(Drawn::new(&executions, table))
}

/// How long the package takes.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Performance {
    duration_ms: Option<i64>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    /// Runs that succeeded in the last 90 days.
    successful_runs: usize,
    average_ms: Option<i64>,
}

pub(super) async fn draw_performance(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let succeeded = of_package(subject, Some(OperationStatus::Succeeded), MOST).await?;
    let since = subject.now - SignedDuration::from_hours(24 * DAYS);
    let (successful_runs, average_ms) = average(&succeeded, since);
    let execution = &subject.execution;
    let performance = Performance {
        duration_ms: duration(execution, subject.now).map(milliseconds),
        start_time: execution.start_time,
        end_time: execution.end_time,
        successful_runs,
        average_ms,
    };
    let time = |ms: Option<i64>| Cell::duration(ms.map(SignedDuration::from_millis));
    let table = Report::facts([
        ("duration of this run", time(performance.duration_ms)),
        ("started", Cell::moment(performance.start_time)),
        ("ended", Cell::moment(performance.end_time)),
        ("average of 90 days", time(performance.average_ms)),
        (
            "runs in that average",
            Cell::Text(performance.successful_runs.to_string()),
        ),
    ]);
    Ok(Drawn::new(&performance, table))
}

/// A run that succeeded.
#[derive(Serialize)]
struct Run {
    execution_id: i64,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    duration_ms: i64,
}

pub(super) async fn draw_last(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let last = u32::try_from(LAST).unwrap_or(u32::MAX);
    let executions = of_package(subject, Some(OperationStatus::Succeeded), last).await?;
    let runs: Vec<Run> = executions
        .iter()
        .map(|execution| Run {
            execution_id: execution.execution_id,
            start_time: execution.start_time,
            end_time: execution.end_time,
            duration_ms: duration(execution, subject.now).map_or(0, milliseconds),
        })
        .collect();
    let longest = runs.iter().map(|run| run.duration_ms).max().unwrap_or(0);
    let mut table = Report::table(["execution", "started", "ended", "duration", "chart"]);
    table.rows = runs
        .iter()
        .map(|run| {
            vec![
                Cell::Number(run.execution_id.to_string()),
                Cell::moment(run.start_time),
                Cell::moment(run.end_time),
                Cell::Duration(SignedDuration::from_millis(run.duration_ms)),
                Cell::Rendered {
                    shown: "█".repeat(bar(run.duration_ms, longest)),
                    machine: String::new(),
                },
            ]
        })
        .collect();
    if runs.is_empty() {
        table.after.push("no run has succeeded".to_owned());
    }
    Ok(Drawn::new(&runs, table))
}

/// Executions of the package, the latest first.
async fn of_package(
    subject: &Subject<'_>,
    status: Option<OperationStatus>,
    limit: u32,
) -> Result<Vec<Execution>, CliError> {
    let execution = &subject.execution;
    let mut equals = vec![
        ("folder_name".to_owned(), execution.folder.clone()),
        ("project_name".to_owned(), execution.project.clone()),
        ("package_name".to_owned(), execution.package.clone()),
    ];
    equals.extend(status.map(|status| ("status".to_owned(), status.number().to_string())));
    let query = ViewQuery {
        equals,
        order_by: Some("execution_id".to_owned()),
        descending: true,
        limit: Some(limit),
        ..ViewQuery::default()
    };
    from_rows(&subject.client.view("executions", &query).await?)
}

/// How many of the executions ended since then, and how long they took on average.
fn average(executions: &[Execution], since: Timestamp) -> (usize, Option<i64>) {
    let lasted: Vec<i64> = executions
        .iter()
        .filter(|execution| execution.end_time.is_some_and(|end| since <= end))
        .filter_map(|execution| duration(execution, since).map(milliseconds))
        .collect();
    let count = i64::try_from(lasted.len()).unwrap_or(i64::MAX);
    let average = lasted.iter().sum::<i64>().checked_div(count);
    (lasted.len(), average)
}

fn milliseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Characters of a bar; whatever took some time has at least one.
fn bar(duration_ms: i64, longest_ms: i64) -> usize {
    let (duration, longest) = (duration_ms.max(0), longest_ms.max(1));
    let length = i128::from(duration) * BAR as i128 / i128::from(longest);
    usize::try_from(length).unwrap_or(BAR).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ran(start: i64, end: i64) -> Execution {
        Execution {
            execution_id: 1,
            folder: String::new(),
            project: String::new(),
            package: String::new(),
            status: OperationStatus::Succeeded,
            created_time: None,
            start_time: Some(at(start)),
            end_time: Some(at(end)),
            caller_name: None,
            worker_agent_id: None,
            machine_name: None,
            executed_count: 1,
        }
    }

    #[test]
    fn the_average_is_of_the_runs_that_ended_in_the_time() {
        let runs = [ran(100, 102), ran(200, 206), ran(10, 90)];
        assert_eq!(average(&runs, at(95)), (2, Some(4000)));
        assert_eq!(average(&runs, at(500)), (0, None));
    }

    #[test]
    fn bars_grow_with_the_time_and_none_is_empty() {
        assert_eq!(bar(100, 100), BAR);
        assert_eq!(bar(50, 100), BAR / 2);
        assert_eq!(bar(0, 100), 1);
        assert_eq!(bar(0, 0), 1);
    }
}
