//! The pages Tasks and Child packages: every run of every executable, and those that are packages.

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
struct TaskRun {
    #[serde(skip)]
    id: i64,
    name: String,
    package: String,
    package_path: String,
    execution_path: String,
    result: &'static str,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    duration_ms: i64,
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

/// A child package, nested by how many packages are around it.
#[derive(Serialize)]
struct Child {
    depth: usize,
    #[serde(flatten)]
    run: TaskRun,
}

pub(super) async fn draw_children(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let runs = read(subject.client, subject.execution.execution_id).await?;
    let children = children(runs);
    let mut table = Report::table(["package", "result", "started", "duration", "called by"]);
    table.rows = children
        .iter()
        .map(|child| {
            vec![
                Cell::Rendered {
                    shown: format!("{:1$}{2}", "", 2 * (child.depth - 1), child.run.package),
                    machine: child.run.package.clone(),
                },
                result_cell(child.run.result),
                Cell::moment(child.run.start_time),
                Cell::Duration(SignedDuration::from_millis(child.run.duration_ms)),
                Cell::Text(caller(&child.run.execution_path).to_owned()),
            ]
        })
        .collect();
    if children.is_empty() {
        table.after.push("no child packages".to_owned());
    }
    Ok(Drawn::new(&children, table))
}

/// The packages among the runs but the outermost: parents before their children, else by start.
fn children(runs: Vec<TaskRun>) -> Vec<Child> {
    let mut packages: Vec<TaskRun> = runs
        .into_iter()
        .filter(|run| is_package(&run.package_path) && !is_package(&run.execution_path))
        .collect();
    packages.sort_by(|left, right| {
        (left.start_time, left.execution_path.len())
            .cmp(&(right.start_time, right.execution_path.len()))
    });
    let mut nested: Vec<Child> = Vec::with_capacity(packages.len());
    for run in packages {
        let around = |child: &Child| is_within(&run.execution_path, &child.run.execution_path);
        let parent = nested.iter().rposition(around);
        let depth = parent.map_or(1, |at| nested[at].depth + 1);
        // Behind the last that is inside the same parent.
        let place = parent.map_or(nested.len(), |at| {
            let inside = |child: &Child| {
                is_within(&child.run.execution_path, &nested[at].run.execution_path)
            };
            at + 1
                + nested[at + 1..]
                    .iter()
                    .take_while(|child| inside(child))
                    .count()
        });
        nested.insert(place, Child { depth, run });
    }
    nested
}

/// Whether a path is that of a package: `\Package` and nothing in it.
fn is_package(path: &str) -> bool {
    path.strip_prefix('\\')
        .is_some_and(|name| !name.contains('\\'))
}

/// Whether a path is inside another.
fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with('\\'))
}

/// The path of the task that ran a package.
fn caller(execution_path: &str) -> &str {
    execution_path
        .rsplit_once('\\')
        .map_or("", |(task, _package)| task)
}

async fn read(client: &Client, execution_id: i64) -> Result<Vec<TaskRun>, CliError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn run(second: i64, package_path: &str, execution_path: &str) -> TaskRun {
        TaskRun {
            id: second,
            name: String::new(),
            package: "p.dtsx".to_owned(),
            package_path: package_path.to_owned(),
            execution_path: execution_path.to_owned(),
            result: "success",
            start_time: Timestamp::from_second(second).ok(),
            end_time: None,
            duration_ms: 0,
        }
    }

    #[test]
    fn children_are_nested_below_the_package_that_ran_them() {
        let runs = vec![
            run(0, r"\Package", r"\Package"),
            run(1, r"\Package\a", r"\Package\a"),
            run(1, r"\Package", r"\Package\a\Package"),
            run(2, r"\Package", r"\Package\b\Package"),
            run(3, r"\Package", r"\Package\a\Package\c\Package"),
            run(4, r"\Package\c", r"\Package\a\Package\c"),
        ];
        let found: Vec<(usize, String)> = children(runs)
            .into_iter()
            .map(|child| (child.depth, child.run.execution_path))
            .collect();
        let expected = [
            (1, r"\Package\a\Package"),
            (2, r"\Package\a\Package\c\Package"),
            (1, r"\Package\b\Package"),
        ];
        assert_eq!(
            found,
            expected.map(|(depth, path)| (depth, path.to_owned()))
        );
    }

    #[test]
    fn a_package_is_called_by_the_task_around_it() {
        assert_eq!(caller(r"\Package\a\Package"), r"\Package\a");
        assert!(is_package(r"\Package") && !is_package(r"\Package\a"));
        assert!(is_within(r"\Package\a", r"\Package") && !is_within(r"\Packages", r"\Package"));
    }
}
