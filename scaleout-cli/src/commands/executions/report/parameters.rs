//! The page Parameters: the values that an execution ran with, and where each came from.

use std::collections::HashMap;

use scaleout_core::client::Row;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;
use serde_json::Value;

use super::{Drawn, Subject};
use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::{Cell, Report};
use crate::rows::text;

/// What stands for a secret.
const HIDDEN: &str = "********";

/// One value.
#[derive(Serialize)]
struct Used {
    scope: &'static str,
    name: String,
    data_type: String,
    /// `null` for a secret, and for a parameter without a value.
    value: Option<Value>,
    sensitive: bool,
    source: String,
    variable: Option<String>,
}

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let query = ViewQuery {
        equals: by_id("execution_id", subject.execution.execution_id),
        ..ViewQuery::default()
    };
    let values = subject.client.view("execution_parameter_values", &query);
    let values = values.await?;
    let sources = subject.client.view("execution_parameter_sources", &query);
    let sources = sources.await?;
    let sources: HashMap<i64, Row<'_>> = sources
        .iter()
        .filter_map(|row| Some((row.integer("execution_parameter_id")?, row)))
        .collect();
    let used: Vec<Used> = values
        .iter()
        .map(|row| {
            let id = row.integer("execution_parameter_id");
            used(row, id.and_then(|id| sources.get(&id).copied()))
        })
        .collect();
    let mut table = Report::table(["parameter", "value", "type", "of", "value from"]);
    table.rows = used.iter().map(cells).collect();
    Ok(Drawn::new(&used, table))
}

fn used(row: Row<'_>, source: Option<Row<'_>>) -> Used {
    Used {
        scope: match row.integer("object_type") {
            Some(20) => "project",
            Some(30) => "package",
            _ => "execution",
        },
        name: text(row, "parameter_name"),
        data_type: text(row, "parameter_data_type"),
        value: row.value("parameter_value").cloned(),
        sensitive: row.bit("sensitive").unwrap_or(false),
        source: source.map_or_else(String::new, |row| text(row, "value_source")),
        variable: source.and_then(|row| row.text("referenced_variable_name").map(str::to_owned)),
    }
}

fn cells(used: &Used) -> Vec<Cell> {
    let source = match &used.variable {
        Some(variable) => format!("{} {variable}", used.source),
        None => used.source.clone(),
    };
    vec![
        Cell::Text(used.name.clone()),
        match &used.value {
            _ if used.sensitive => Cell::Text(HIDDEN.to_owned()),
            Some(value) => Cell::from_json(value),
            None => Cell::Empty,
        },
        Cell::Text(used.data_type.clone()),
        Cell::Text(used.scope.to_owned()),
        Cell::Text(source),
    ]
}
