//! The page Connections: connection managers that could not be used, by the latest executions of
//! the package that failed.
//!
//! An error of a connection names its connection manager (`ConnectionError` of the runtime); that
//! name is read here.

use std::collections::BTreeSet;

use jiff::Timestamp;
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::{Drawn, Subject};
use crate::error::CliError;
use crate::execution_summary::{by_id, from_rows};
use crate::output::{Cell, Report};
use crate::rows::text;

/// Failed executions that are looked at.
const LATEST: u32 = 20;
/// `message_type` of an error.
const ERROR: i64 = 120;

/// A connection manager that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Failed {
    connection: String,
    /// As a parameter has set it; `null` where none has, or it is a secret.
    connection_string: Option<String>,
    /// Failed executions of the package, of the latest 20, in which it failed.
    failed_executions: usize,
    last_failure: Option<Timestamp>,
    last_execution_id: i64,
    message: String,
}

/// One error, as far as this page needs it.
struct Said {
    execution_id: i64,
    time: Option<Timestamp>,
    message: String,
}

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let mut said = Vec::new();
    for execution_id in failed_executions(subject).await? {
        said.extend(errors(subject, execution_id).await?);
    }
    let mut failed = failed(&said);
    for one in &mut failed {
        let name = format!("CM.{}.ConnectionString", one.connection);
        one.connection_string = parameter(subject, one.last_execution_id, name).await?;
    }
    let mut table = Report::table([
        "connection",
        "string",
        "failed executions",
        "last",
        "message",
    ]);
    table.rows = failed.iter().map(cells).collect();
    if failed.is_empty() {
        let line = format!("no connection failed in the latest {LATEST} failed executions");
        table.after.push(line);
    }
    Ok(Drawn::new(&failed, table))
}

fn cells(failed: &Failed) -> Vec<Cell> {
    vec![
        Cell::Text(failed.connection.clone()),
        failed
            .connection_string
            .clone()
            .map_or(Cell::Empty, Cell::Text),
        Cell::Number(failed.failed_executions.to_string()),
        Cell::moment(failed.last_failure),
        Cell::Text(failed.message.clone()),
    ]
}

/// This one if it failed, and the latest of the package that did.
async fn failed_executions(subject: &Subject<'_>) -> Result<BTreeSet<i64>, CliError> {
    let execution = &subject.execution;
    let query = ViewQuery {
        equals: vec![
            ("folder_name".to_owned(), execution.folder.clone()),
            ("project_name".to_owned(), execution.project.clone()),
            ("package_name".to_owned(), execution.package.clone()),
            (
                "status".to_owned(),
                OperationStatus::Failed.number().to_string(),
            ),
        ],
        order_by: Some("execution_id".to_owned()),
        descending: true,
        limit: Some(LATEST),
        ..ViewQuery::default()
    };
    let found = from_rows(&subject.client.view("executions", &query).await?)?;
    let ids = found.iter().map(|execution| execution.execution_id);
    Ok(ids.chain([execution.execution_id]).collect())
}

async fn errors(subject: &Subject<'_>, execution_id: i64) -> Result<Vec<Said>, CliError> {
    let mut equals = by_id("operation_id", execution_id);
    equals.extend(by_id("message_type", ERROR));
    let query = ViewQuery {
        equals,
        order_by: Some("event_message_id".to_owned()),
        ..ViewQuery::default()
    };
    let found = subject.client.view("event_messages", &query).await?;
    Ok(found
        .iter()
        .map(|row| Said {
            execution_id,
            time: row.time("message_time"),
            message: text(row, "message"),
        })
        .collect())
}

/// A value of an execution that is no secret.
async fn parameter(
    subject: &Subject<'_>,
    execution_id: i64,
    name: String,
) -> Result<Option<String>, CliError> {
    let mut equals = by_id("execution_id", execution_id);
    equals.push(("parameter_name".to_owned(), name));
    let query = ViewQuery {
        equals,
        ..ViewQuery::default()
    };
    let found = subject.client.view("execution_parameter_values", &query);
    let found = found.await?;
    Ok(found
        .iter()
        .find_map(|row| row.text("parameter_value").map(str::to_owned)))
}

/// The connection managers that errors name, by name.
fn failed(said: &[Said]) -> Vec<Failed> {
    let mut all: Vec<Failed> = Vec::new();
    for one in said {
        let Some(name) = connection_of(&one.message) else {
            continue;
        };
        let executions: BTreeSet<i64> = said
            .iter()
            .filter(|other| connection_of(&other.message) == Some(name))
            .map(|other| other.execution_id)
            .collect();
        let failed = Failed {
            connection: name.to_owned(),
            connection_string: None,
            failed_executions: executions.len(),
            last_failure: one.time,
            last_execution_id: one.execution_id,
            message: one.message.clone(),
        };
        match all.iter_mut().find(|known| known.connection == name) {
            Some(known) if known.last_failure <= one.time => *known = failed,
            Some(_) => {}
            None => all.push(failed),
        }
    }
    all.sort_by(|left, right| left.connection.cmp(&right.connection));
    all
}

/// The connection manager whose failure a message tells of.
fn connection_of(message: &str) -> Option<&str> {
    let after = message.split_once("connection manager `")?.1;
    let (name, rest) = after.split_once('`')?;
    let fails = [
        " cannot connect to ",
        " cannot be opened: ",
        " is not valid: ",
        " does not exist",
    ];
    fails
        .iter()
        .any(|how| rest.starts_with(how))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::explained;
    use scaleout_runtime::connections::ConnectionError;

    use super::*;

    fn said(execution_id: i64, second: i64, message: &str) -> Said {
        Said {
            execution_id,
            time: Timestamp::from_second(second).ok(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn the_errors_of_the_runtime_name_their_connection() {
        let name = || "dwh".to_owned();
        let text = || "no".to_owned();
        let errors = [
            ConnectionError::Unknown { reference: name() },
            ConnectionError::Unsupported {
                name: name(),
                reason: text(),
            },
            ConnectionError::Invalid {
                name: name(),
                reason: text(),
            },
            ConnectionError::Connect {
                name: name(),
                target: "server".to_owned(),
                source: "refused".into(),
            },
        ];
        for error in errors {
            let message = format!(
                "Load:Error: component `x` has no connection: {}",
                explained(&error)
            );
            assert_eq!(connection_of(&message), Some("dwh"), "{message}");
        }
        assert_eq!(connection_of("the connection manager `dwh` is slow"), None);
        assert_eq!(connection_of("no file"), None);
    }

    #[test]
    fn a_connection_is_told_once_with_its_last_failure() {
        let text = |cause: &str| format!("connection manager `dwh` cannot connect to s: {cause}");
        let found = failed(&[
            said(1, 10, &text("first")),
            said(2, 20, &text("second")),
            said(2, 15, &text("between")),
            said(2, 21, "another error"),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].failed_executions, 2);
        assert_eq!(found[0].last_execution_id, 2);
        assert!(found[0].message.ends_with("second"));
    }
}
