//! The page Tasks: every run of every executable.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::{Drawn, Subject};
use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::{Cell, Report};
use crate::rows::text;

/// Most rows of one answer.
const PAGE: u32 = 10_000;

/// One run of one executable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct TaskRun {
    #[serde(skip)]
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) package: String,
    pub(super) package_path: String,
    pub(super) execution_path: String,
    pub(super) result: &'static str,
    pub(super) start_time: Option<Timestamp>,
    pub(super) end_time: Option<Timestamp>,
    pub(super) duration_ms: i64,
}

/// An executable of the execution.
struct Executable {
    name: String,
    package: String,
    path: String,
}

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let mut runs = read(subject.client, subject.execution.execution_id).await?;
    runs.sort_by(|left, right| {
        (left.start_time, &left.execution_path).cmp(&(right.start_time, &right.execution_path))
    });
    let mut table = Report::table(["task", "package", "result", "started", "duration", "path"]);
    table.rows = runs
        .iter()
        .map(|run| {
            vec![
                Cell::Text(run.name.clone()),
                Cell::Text(run.package.clone()),
                result_cell(run.result),
                Cell::moment(run.start_time),
                Cell::Duration(SignedDuration::from_millis(run.duration_ms)),
                Cell::Text(run.execution_path.clone()),
            ]
        })
        .collect();
    if runs.is_empty() {
        let line = "no task has run, or the logging level does not keep statistics";
        table.after.push(line.to_owned());
    }
    Ok(Drawn::new(&runs, table))
}

/// Every run of every executable of an execution.
pub(super) async fn read(client: &Client, execution_id: i64) -> Result<Vec<TaskRun>, CliError> {
    let query = ViewQuery {
        equals: by_id("execution_id", execution_id),
        limit: Some(PAGE),
        ..ViewQuery::default()
    };
    let found = client.view("executables", &query).await?;
    let executables: HashMap<i64, Executable> = found
        .iter()
        .filter_map(|row| {
            let executable = Executable {
                name: text(row, "executable_name"),
                package: text(row, "package_name"),
                path: text(row, "package_path"),
            };
            Some((row.integer("executable_id")?, executable))
        })
        .collect();
    let mut runs: Vec<TaskRun> = Vec::new();
    loop {
        let query = ViewQuery {
            equals: by_id("execution_id", execution_id),
            greater: by_id("statistics_id", runs.last().map_or(0, |run| run.id)),
            order_by: Some("statistics_id".to_owned()),
            limit: Some(PAGE),
            ..ViewQuery::default()
        };
        let found = client.view("executable_statistics", &query).await?;
        let before = runs.len();
        runs.extend(found.iter().filter_map(|row| run_of(row, &executables)));
        if found.rows.len() < PAGE as usize || runs.len() == before {
            return Ok(runs);
        }
    }
}

fn run_of(row: Row<'_>, executables: &HashMap<i64, Executable>) -> Option<TaskRun> {
    let executable = executables.get(&row.integer("executable_id")?)?;
    Some(TaskRun {
        id: row.integer("statistics_id")?,
        name: executable.name.clone(),
        package: executable.package.clone(),
        package_path: executable.path.clone(),
        execution_path: text(row, "execution_path"),
        result: result_word(row.integer("execution_result")?),
        start_time: row.time("start_time"),
        end_time: row.time("end_time"),
        duration_ms: row.integer("execution_duration").unwrap_or_default(),
    })
}

/// `execution_result` in words.
fn result_word(number: i64) -> &'static str {
    match number {
        0 => "success",
        1 => "failure",
        2 => "completion",
        _ => "canceled",
    }
}

fn result_cell(word: &str) -> Cell {
    Cell::State {
        text: word.to_owned(),
        good: match word {
            "success" => Some(true),
            "failure" => Some(false),
            _ => None,
        },
    }
}
