//! A query on a view as SQL: names from the registry only, values as parameters only.

use scaleout_core::model::variable_value::{to_json, type_from_name};
use scaleout_core::registry::bind::from_text;
use scaleout_core::registry::{ArgumentValue, Rows, SqlType, View, ViewColumn, ViewQuery};
use serde_json::Value;

use super::{Args, Dialect, Row, Session, SqlValue, StoreError};
use crate::access::RowFilter;
use crate::error::CatalogError;

/// Views of the table `operation`, whose index `operation_newest_by_status` has the pages of a status.
const BY_STATUS: [&str; 2] = ["executions", "operations"];
/// Most rows of one answer.
const MOST_ROWS: u32 = 10_000;

/// Reads a view.
pub async fn read(
    session: &mut Session,
    view: &'static View,
    query: &ViewQuery,
    filter: &RowFilter,
) -> Result<Rows, CatalogError> {
    let (sql, args) = select(session.dialect(), view, query, filter)?;
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
    dialect: Dialect,
    view: &'static View,
    query: &ViewQuery,
    filter: &RowFilter,
) -> Result<(String, Args), CatalogError> {
    let mut args = Args::new();
    let mut conditions = Vec::new();
    for (name, text) in &query.equals {
        conditions.push(condition(dialect, view, name, "=", text, &mut args)?);
    }
    for (name, text) in &query.greater {
        conditions.push(condition(dialect, view, name, ">", text, &mut args)?);
    }
    let readable = filter.condition(
        |text| {
            args.push(SqlValue::from(text));
            format!("${}", args.len())
        },
        |column| format!("{}.{}", view.name, quoted(dialect, column)),
        |column| {
            let asked = query
                .equals
                .iter()
                .filter_map(|(name, _)| view.column(name));
            asked.into_iter().any(|asked| asked.name == column)
        },
    );
    conditions.extend(readable);
    let columns: Vec<String> = view
        .columns
        .iter()
        .map(|column| quoted(dialect, column.name))
        .collect();
    let mut sql = format!("SELECT {} FROM {}", columns.join(", "), view.name);
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    sql.push_str(&order(dialect, view, query)?);
    // Not an argument: that a page is short is what makes an index worth reading in its order.
    let limit = query.limit.unwrap_or(MOST_ROWS).min(MOST_ROWS);
    sql.push_str(&format!(" LIMIT {limit}"));
    Ok((sql, args))
}

fn order(dialect: Dialect, view: &'static View, query: &ViewQuery) -> Result<String, CatalogError> {
    // NULL is the lowest value, as in the original; PostgreSQL has it the other way round.
    let (direction, nulls) = if query.descending {
        ("DESC", "NULLS LAST")
    } else {
        ("ASC", "NULLS FIRST")
    };
    // The first column is mostly the key: it is never NULL, has an index, and makes pages stable.
    let Some(first) = view.columns.first() else {
        return Ok(String::new());
    };
    let key = format!("{} {direction}", sortable(dialect, first));
    let wanted = match &query.order_by {
        Some(name) => Some(find(view, name)?).filter(|column| column.name != first.name),
        None => None,
    };
    Ok(match wanted {
        Some(column) => {
            let column = sortable(dialect, column);
            format!(" ORDER BY {column} {direction} {nulls}, {key}")
        }
        None if dialect == Dialect::Postgres && has_page_of_status(view, query) => {
            // The same order. By the key itself the server may take to walking through executions of
            // other statuses, as it does not know that those that wait are all among the newest.
            let opposite = if query.descending { "ASC" } else { "DESC" };
            format!(" ORDER BY (-{}) {opposite}", quoted(dialect, first.name))
        }
        None => format!(" ORDER BY {key}"),
    })
}

fn has_page_of_status(view: &View, query: &ViewQuery) -> bool {
    let mut asked = query
        .equals
        .iter()
        .filter_map(|(name, _)| view.column(name));
    BY_STATUS.contains(&view.name) && asked.any(|column| column.name == "status")
}

fn condition(
    dialect: Dialect,
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
    let column = sortable(dialect, column);
    Ok(match dialect {
        // As the original's collation does, case is ignored.
        Dialect::Sqlite if is_text => format!("lower({column}) {operator} lower(${place})"),
        Dialect::Postgres if is_text => {
            format!("lower({column}) {operator} lower(CAST(${place} AS text) COLLATE \"C\")")
        }
        Dialect::Sqlite | Dialect::Postgres => format!("{column} {operator} ${place}"),
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

/// PostgreSQL's views have their names in lower case.
fn quoted(dialect: Dialect, name: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("\"{name}\""),
        Dialect::Postgres => format!("\"{}\"", name.to_ascii_lowercase()),
    }
}

/// A column whose texts compare by their bytes, whatever the database's own collation is.
fn sortable(dialect: Dialect, column: &ViewColumn) -> String {
    let name = quoted(dialect, column.name);
    let is_text = match column.sql_type {
        SqlType::Nvarchar(_)
        | SqlType::NvarcharUnstated
        | SqlType::Sysname
        | SqlType::Char(_)
        | SqlType::SqlVariant => true,
        SqlType::Bigint
        | SqlType::Int
        | SqlType::Smallint
        | SqlType::Tinyint
        | SqlType::Datetime
        | SqlType::Bit
        | SqlType::Varbinary(_)
        | SqlType::UniqueIdentifier
        | SqlType::DatetimeOffset { .. }
        | SqlType::PackageTable => false,
    };
    match dialect {
        Dialect::Postgres if is_text => format!("{name} COLLATE \"C\""),
        Dialect::Sqlite | Dialect::Postgres => name,
    }
}

fn sql_value(value: ArgumentValue) -> SqlValue {
    match value {
        // No column of a view holds a table.
        ArgumentValue::Null | ArgumentValue::Packages(_) => SqlValue::Null,
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
        .position(|column| matches!(column.name, "parameter_data_type" | "data_type" | "type"))
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
