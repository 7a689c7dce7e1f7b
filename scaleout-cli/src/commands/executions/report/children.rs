//! The page Child packages: those that ran in the process of their parent, and those that were
//! executions of their own, nested.

use std::pin::Pin;

use jiff::{SignedDuration, Timestamp};
use scaleout_core::client::{Client, Row};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::tasks::{TaskRun, read};
use super::{Drawn, Subject};
use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::{Cell, Report};
use crate::rows::text;

/// A child package, nested by how many packages are around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Child {
    depth: usize,
    package: String,
    /// `success`, `failure`, …; of an execution its status.
    result: String,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    duration_ms: Option<i64>,
    /// Path of the Execute Package task.
    called_by: String,
    /// Where it was an execution of its own.
    execution_id: Option<i64>,
    /// The worker of that execution.
    worker: Option<String>,
    /// How often that execution was run.
    executed_count: Option<i64>,
    /// How often its worker was lost.
    lost_count: Option<i64>,
}

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let id = subject.execution.execution_id;
    let children = of_execution(subject.client, id, subject.now).await?;
    let mut table = Report::table([
        "package",
        "result",
        "worker",
        "execution",
        "started",
        "duration",
        "called by",
    ]);
    table.rows = children.iter().map(cells).collect();
    if children.is_empty() {
        table.after.push("no child packages".to_owned());
    }
    Ok(Drawn::new(&children, table))
}

fn cells(child: &Child) -> Vec<Cell> {
    let number =
        |number: Option<i64>| number.map_or(Cell::Empty, |number| Cell::Number(number.to_string()));
    let lost = child.lost_count.filter(|lost| 0 < *lost);
    vec![
        Cell::Rendered {
            shown: format!("{:1$}{2}", "", 2 * (child.depth - 1), child.package),
            machine: child.package.clone(),
        },
        Cell::State {
            text: child.result.clone(),
            good: match child.result.as_str() {
                "success" | "succeeded" => Some(true),
                "failure" | "failed" | "ended unexpectedly" => Some(false),
                _ => None,
            },
        },
        match (&child.worker, lost) {
            (Some(worker), Some(lost)) => Cell::Text(format!("{worker} ({lost} lost before)")),
            (Some(worker), None) => Cell::Text(worker.clone()),
            (None, _) => Cell::Empty,
        },
        number(child.execution_id),
        Cell::moment(child.start_time),
        Cell::duration(child.duration_ms.map(SignedDuration::from_millis)),
        Cell::Text(child.called_by.clone()),
    ]
}

/// The children of an execution and theirs, in any depth.
fn of_execution(
    client: &Client,
    execution_id: i64,
    now: Timestamp,
) -> Pin<Box<dyn Future<Output = Result<Vec<Child>, CliError>> + Send + '_>> {
    Box::pin(async move {
        let runs = read(client, execution_id).await?;
        let mut children: Vec<Child> = runs.iter().filter_map(in_process).collect();
        let query = ViewQuery {
            equals: by_id("execution_id", execution_id),
            order_by: Some("child_execution_id".to_owned()),
            ..ViewQuery::default()
        };
        let found = client.view("execution_children", &query).await?;
        children.extend(found.iter().filter_map(|row| elsewhere(row, now)));
        let mut all = Vec::with_capacity(children.len());
        for child in nested(children) {
            let (depth, own) = (child.depth, child.execution_id);
            all.push(child);
            if let Some(own) = own {
                let inner = of_execution(client, own, now).await?;
                all.extend(inner.into_iter().map(|inner| Child {
                    depth: depth + inner.depth,
                    ..inner
                }));
            }
        }
        Ok(all)
    })
}

/// A package that ran in the process of its parent; `None` for the outermost and for what is none.
fn in_process(run: &TaskRun) -> Option<Child> {
    if !is_package(&run.package_path) || is_package(&run.execution_path) {
        return None;
    }
    let (task, _package) = run.execution_path.rsplit_once('\\')?;
    Some(Child {
        depth: 1,
        package: run.package.clone(),
        result: run.result.to_owned(),
        start_time: run.start_time,
        end_time: run.end_time,
        duration_ms: Some(run.duration_ms),
        called_by: task.to_owned(),
        execution_id: None,
        worker: None,
        executed_count: None,
        lost_count: None,
    })
}

/// A row of `execution_children`.
fn elsewhere(row: Row<'_>, now: Timestamp) -> Option<Child> {
    let (start_time, end_time) = (row.time("start_time"), row.time("end_time"));
    let lasted = start_time.map(|start| end_time.unwrap_or(now).duration_since(start));
    let status = row.integer("status").and_then(OperationStatus::from_number);
    Some(Child {
        depth: 1,
        package: text(row, "package_name"),
        result: status?.as_str().to_owned(),
        start_time,
        end_time,
        duration_ms: lasted.map(|lasted| i64::try_from(lasted.as_millis()).unwrap_or(i64::MAX)),
        called_by: text(row, "execution_path"),
        execution_id: Some(row.integer("child_execution_id")?),
        worker: row.text("worker_name").map(str::to_owned),
        executed_count: row.integer("executed_count"),
        lost_count: row.integer("lost_count"),
    })
}

/// Parents before their children, else by start.
fn nested(mut children: Vec<Child>) -> Vec<Child> {
    children.sort_by(|left, right| {
        (left.start_time, left.called_by.len()).cmp(&(right.start_time, right.called_by.len()))
    });
    let mut nested: Vec<Child> = Vec::with_capacity(children.len());
    for child in children {
        let around = |other: &Child| is_inside(&child, other);
        let parent = nested.iter().rposition(around);
        let depth = parent.map_or(1, |at| nested[at].depth + 1);
        // Behind the last that is inside the same parent.
        let place = parent.map_or(nested.len(), |at| {
            let inside = |other: &&Child| is_inside(other, &nested[at]);
            at + 1 + nested[at + 1..].iter().take_while(inside).count()
        });
        nested.insert(place, Child { depth, ..child });
    }
    nested
}

/// Whether a child was called by a package that ran in this process.
fn is_inside(child: &Child, outer: &Child) -> bool {
    let package = format!("{}\\Package", outer.called_by);
    let rest = child.called_by.strip_prefix(&package);
    outer.execution_id.is_none() && rest.is_some_and(|rest| rest.starts_with('\\'))
}

/// Whether a path is that of a package: `\Package` and nothing in it.
fn is_package(path: &str) -> bool {
    path.strip_prefix('\\')
        .is_some_and(|name| !name.contains('\\'))
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
        let runs = [
            run(0, r"\Package", r"\Package"),
            run(1, r"\Package\a", r"\Package\a"),
            run(1, r"\Package", r"\Package\a\Package"),
            run(2, r"\Package", r"\Package\b\Package"),
            run(3, r"\Package", r"\Package\a\Package\c\Package"),
            run(4, r"\Package\c", r"\Package\a\Package\c"),
        ];
        let found: Vec<(usize, String)> = nested(runs.iter().filter_map(in_process).collect())
            .into_iter()
            .map(|child| (child.depth, child.called_by))
            .collect();
        let expected = [
            (1, r"\Package\a"),
            (2, r"\Package\a\Package\c"),
            (1, r"\Package\b"),
        ];
        assert_eq!(
            found,
            expected.map(|(depth, path)| (depth, path.to_owned()))
        );
    }
}
