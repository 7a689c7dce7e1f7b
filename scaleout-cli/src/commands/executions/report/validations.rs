//! The page Validations: those of the package, and of its project as a whole.

use scaleout_core::client::Row;
use scaleout_core::registry::{Rows, ViewQuery};

use super::super::super::validations::show::status_cell;
use super::{Drawn, Subject};
use crate::error::CliError;
use crate::output::{Cell, Report};
use crate::rows::{objects, text};

/// `object_type` of a project.
const PROJECT: i64 = 20;

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let execution = &subject.execution;
    let query = ViewQuery {
        equals: vec![
            ("folder_name".to_owned(), execution.folder.clone()),
            ("project_name".to_owned(), execution.project.clone()),
        ],
        order_by: Some("validation_id".to_owned()),
        descending: true,
        ..ViewQuery::default()
    };
    let found = subject.client.view("validations", &query).await?;
    let most = usize::try_from(subject.limit).unwrap_or(usize::MAX);
    let concerned: Vec<Vec<serde_json::Value>> = found
        .iter()
        .zip(&found.rows)
        .filter(|(row, _)| concerns(*row, &execution.package))
        .map(|(_, values)| values.clone())
        .take(most)
        .collect();
    let concerned = Rows {
        columns: found.columns.clone(),
        rows: concerned,
    };
    let mut table = Report::table([
        "validation",
        "object",
        "scope",
        "status",
        "started",
        "ended",
    ]);
    table.rows = concerned.iter().map(cells).collect();
    match table.rows.is_empty() {
        true => table.after.push("no validations".to_owned()),
        false => table
            .after
            .push("`soctl validations show ID` says what one has found".to_owned()),
    }
    Ok(Drawn::new(&objects(&concerned), table))
}

fn concerns(row: Row<'_>, package: &str) -> bool {
    let name = row.text("object_name").unwrap_or_default();
    row.integer("object_type") == Some(PROJECT) || name.eq_ignore_ascii_case(package)
}

fn cells(row: Row<'_>) -> Vec<Cell> {
    vec![
        Cell::Number(row.integer("validation_id").unwrap_or_default().to_string()),
        Cell::Text(text(row, "object_name")),
        Cell::Text(text(row, "environment_scope")),
        status_cell(row),
        Cell::moment(row.time("start_time")),
        Cell::moment(row.time("end_time")),
    ]
}
