//! SQLite's side of a session: it types values, not columns.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Row as _, SqliteConnection, TypeInfo as _,
    ValueRef as _,
};

use super::value::{Args, Row, SqlValue};

/// Runs a statement and says how many rows it changed.
pub async fn execute(
    connection: &mut SqliteConnection,
    sql: Cow<'static, str>,
    args: Args,
) -> Result<u64, sqlx::Error> {
    let query = sqlx::query_with(AssertSqlSafe(sql), bound(args)?);
    Ok(query.execute(connection).await?.rows_affected())
}

/// All rows of a query.
pub async fn rows(
    connection: &mut SqliteConnection,
    sql: Cow<'static, str>,
    args: Args,
) -> Result<Vec<Row>, sqlx::Error> {
    let query = sqlx::query_with(AssertSqlSafe(sql), bound(args)?);
    let rows = query.fetch_all(connection).await?;
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let columns = first.columns().iter();
    let names: Arc<[String]> = columns.map(|column| column.name().to_owned()).collect();
    rows.iter().map(|row| own_row(&names, row)).collect()
}

fn bound(args: Args) -> Result<SqliteArguments, sqlx::Error> {
    let mut bound = SqliteArguments::default();
    for value in args {
        let added = match value {
            SqlValue::Null => bound.add(Option::<i64>::None),
            SqlValue::Integer(number) => bound.add(number),
            SqlValue::Real(number) => bound.add(number),
            SqlValue::Text(text) => bound.add(text),
            SqlValue::Blob(bytes) => bound.add(bytes),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(bound)
}

fn own_row(names: &Arc<[String]>, row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let values = (0..names.len())
        .map(|index| own_value(row, index))
        .collect::<Result<_, _>>()?;
    Ok(Row::new(Arc::clone(names), values))
}

fn own_value(row: &SqliteRow, index: usize) -> Result<SqlValue, sqlx::Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    match value.type_info().name() {
        "INTEGER" | "BOOLEAN" => row.try_get_unchecked(index).map(SqlValue::Integer),
        "REAL" => row.try_get_unchecked(index).map(SqlValue::Real),
        "BLOB" => row.try_get_unchecked(index).map(SqlValue::Blob),
        _ => row.try_get_unchecked(index).map(SqlValue::Text),
    }
}
