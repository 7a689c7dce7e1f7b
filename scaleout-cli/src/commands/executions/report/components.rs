//! The page Components: active and total time of each component of each data flow.

use jiff::SignedDuration;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::{Drawn, Subject};
use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::{Cell, Report};
use crate::rows::text;

/// A component in one run of its data flow.
#[derive(Serialize)]
struct Component {
    package: String,
    task: String,
    component: String,
    execution_path: String,
    /// The sum of all phases.
    active_ms: i64,
    /// From its first phase to its last.
    total_ms: i64,
}

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let query = ViewQuery {
        equals: by_id("execution_id", subject.execution.execution_id),
        order_by: Some("active_ms".to_owned()),
        descending: true,
        ..ViewQuery::default()
    };
    let found = subject.client.view("execution_component_times", &query);
    let found = found.await?;
    let number =
        |row: scaleout_core::client::Row<'_>, column: &str| row.integer(column).unwrap_or_default();
    let components: Vec<Component> = found
        .iter()
        .map(|row| Component {
            package: text(row, "package_name"),
            task: text(row, "task_name"),
            component: text(row, "subcomponent_name"),
            execution_path: text(row, "execution_path"),
            active_ms: number(row, "active_ms"),
            total_ms: number(row, "total_ms"),
        })
        .collect();
    let time = |ms: i64| Cell::Duration(SignedDuration::from_millis(ms));
    let mut table = Report::table(["task", "component", "active time", "total time", "package"]);
    table.rows = components
        .iter()
        .map(|one| {
            vec![
                Cell::Text(one.task.clone()),
                Cell::Text(one.component.clone()),
                time(one.active_ms),
                time(one.total_ms),
                Cell::Text(one.package.clone()),
            ]
        })
        .collect();
    if components.is_empty() {
        let line = "no times of components: they are kept at the logging levels Performance and \
                    Verbose (`--logging-level`)";
        table.after.push(line.to_owned());
    }
    Ok(Drawn::new(&components, table))
}
