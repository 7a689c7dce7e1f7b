//! A query on a view as SQL: names from the registry only, values as parameters only.

use scaleout_core::model::variable_value::{to_json, type_from_name};
use scaleout_core::registry::bind::from_text;
use scaleout_core::registry::{ArgumentValue, Rows, SqlType, View, ViewColumn, ViewQuery};
use serde_json::Value;

use super::{Args, Row, Session, SqlValue, StoreError};
use crate::access::RowFilter;
use crate::error::CatalogError;

/// Most rows of one answer.
const MOST_ROWS: u32 = 10_000;

/// Reads a view.
pub async fn read(
    session: &mut Session,
    view: &'static View,
    query: &ViewQuery,
    filter: &RowFilter,
) -> Result<Rows, CatalogError> {
    let (sql, args) = select(view, query, filter)?;
    let found = session.rows(sql, args).await?;
    let variant_type = variant_type_column(view);
    let rows = found
        .into_iter()
        .map(|row| json_row(view, variant_type, row))
        .collect::<Result<_, StoreError>>()?;
    Ok(Rows {
        columns: view
            .columns
            .iter()
            .map(|column| column.name.to_owned())
            .collect(),
        rows,
    })
}

fn select(
    view: &'static View,
    query: &ViewQuery,
    filter: &RowFilter,
) -> Result<(String, Args), CatalogError> {
    let mut args = Args::new();
    let mut conditions = Vec::new();
    for (name, text) in &query.equals {
        conditions.push(condition(view, name, "=", text, &mut args)?);
    }
    for (name, text) in &query.greater {
        conditions.push(condition(view, name, ">", text, &mut args)?);
    }
    match filter {
        RowFilter::All => {}
        RowFilter::Nothing => conditions.push("1 = 0".to_owned()),
        RowFilter::OwnOperations { column, caller } => {
            args.push(SqlValue::from(caller));
            conditions.push(format!(
                "{} IN (SELECT operation_id FROM operation WHERE caller_name = ${})",
                quoted(column),
                args.len()
            ));
        }
    }
    let columns: Vec<String> = view
        .columns
        .iter()
        .map(|column| quoted(column.name))
        .collect();
    let mut sql = format!("SELECT {} FROM {}", columns.join(", "), view.name);
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    sql.push_str(&order(view, query)?);
    args.push(SqlValue::from(
        query.limit.unwrap_or(MOST_ROWS).min(MOST_ROWS),
    ));
    sql.push_str(&format!(" LIMIT ${}", args.len()));
    Ok((sql, args))
}

fn order(view: &'static View, query: &ViewQuery) -> Result<String, CatalogError> {
    let direction = if query.descending { "DESC" } else { "ASC" };
    let first = view.columns.first().map(|column| quoted(column.name));
    Ok(match (&query.order_by, first) {
        // The first column, mostly the key, makes pages stable.
        (Some(name), Some(first)) => {
            let column = quoted(find(view, name)?.name);
            format!(" ORDER BY {column} {direction}, {first} {direction}")
        }
        (None, Some(first)) => format!(" ORDER BY {first} {direction}"),
        (_, None) => String::new(),
    })
}

fn condition(
    view: &'static View,
    name: &str,
    operator: &str,
    text: &str,
    args: &mut Args,
) -> Result<String, CatalogError> {
    let column = find(view, name)?;
    let value =
        from_text(column.sql_type, text).map_err(|reason| CatalogError::FilterNotValid {
            view: view.name,
            column: column.name,
            expected: column.sql_type,
            reason,
        })?;
    let is_text = matches!(value, ArgumentValue::Text(_));
    args.push(sql_value(value));
    let place = args.len();
    let column = quoted(column.name);
    Ok(if is_text {
        // As the original's collation does, case is ignored.
        format!("lower({column}) {operator} lower(${place})")
    } else {
        format!("{column} {operator} ${place}")
    })
}

fn find(view: &'static View, name: &str) -> Result<&'static ViewColumn, CatalogError> {
    view.column(name)
        .ok_or_else(|| CatalogError::UnknownColumn {
            view: view.name,
            column: name.to_owned(),
            known: view.columns.iter().map(|column| column.name).collect(),
        })
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn sql_value(value: ArgumentValue) -> SqlValue {
    match value {
        ArgumentValue::Null => SqlValue::Null,
        ArgumentValue::Integer(number) => number.into(),
        ArgumentValue::Bit(bit) => bit.into(),
        ArgumentValue::Text(text) => text.into(),
        ArgumentValue::Bytes(bytes) => bytes.into(),
        ArgumentValue::Uuid(id) => id.into(),
        ArgumentValue::Time(time) => time.into(),
        ArgumentValue::Variant(Value::String(text)) => text.into(),
        ArgumentValue::Variant(other) => other.to_string().into(),
    }
}

/// The column that says which type the `sql_variant` columns of a row have.
fn variant_type_column(view: &View) -> Option<usize> {
    view.columns
        .iter()
        .position(|column| matches!(column.name, "parameter_data_type" | "data_type"))
}

fn json_row(view: &View, variant_type: Option<usize>, row: Row) -> Result<Vec<Value>, StoreError> {
    let values = row.into_values();
    let data_type =
        variant_type
            .and_then(|index| values.get(index))
            .and_then(|value| match value {
                SqlValue::Text(name) => type_from_name(name),
                _ => None,
            });
    view.columns
        .iter()
        .zip(&values)
        .map(|(column, value)| {
            let shown = match (column.sql_type, value) {
                (_, SqlValue::Null) => Some(Value::Null),
                (SqlType::Bit, SqlValue::Integer(bit)) => Some(Value::Bool(*bit != 0)),
                (SqlType::SqlVariant, SqlValue::Text(text)) => Some(match data_type {
                    Some(data_type) => to_json(data_type, text),
                    None => Value::String(text.clone()),
                }),
                (_, SqlValue::Integer(number)) => Some(Value::from(*number)),
                (_, SqlValue::Real(number)) => Some(Value::from(*number)),
                (_, SqlValue::Text(text)) => Some(Value::String(text.clone())),
                (_, SqlValue::Blob(_)) => None,
            };
            shown.ok_or_else(|| StoreError::Damaged {
                column: column.name.to_owned(),
            })
        })
        .collect()
}
