//! One connection, whatever the database.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Row as _, Sqlite, SqliteConnection, TypeInfo as _,
    ValueRef as _,
};

use super::error::StoreError;
use super::value::{Args, Row, SqlValue};

/// Rows of one `INSERT`: well below the databases' limits on parameters.
const ROWS_PER_INSERT: usize = 64;

/// A connection, and what the statements on it want to be woken after the commit.
pub struct Session {
    connection: Connection,
    /// Something that the scheduler waits for happened.
    pub(super) wakes_scheduler: bool,
    /// An execution ended.
    pub(super) wakes_waiters: bool,
}

enum Connection {
    Sqlite(Box<SqliteConnection>),
    PooledSqlite(PoolConnection<Sqlite>),
}

impl Session {
    /// A session on a connection of its own.
    pub(super) fn sqlite(connection: SqliteConnection) -> Self {
        Self::on(Connection::Sqlite(Box::new(connection)))
    }

    /// A session on a connection of the read pool.
    pub(super) fn pooled_sqlite(connection: PoolConnection<Sqlite>) -> Self {
        Self::on(Connection::PooledSqlite(connection))
    }

    fn on(connection: Connection) -> Self {
        Self {
            connection,
            wakes_scheduler: false,
            wakes_waiters: false,
        }
    }

    /// After the commit the scheduler looks again.
    pub fn wake_scheduler(&mut self) {
        self.wakes_scheduler = true;
    }

    /// After the commit those who wait for an ending look again.
    pub fn wake_waiters(&mut self) {
        self.wakes_waiters = true;
    }

    /// Runs a statement and says how many rows it changed.
    pub async fn execute(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        let query = sqlx::query_with(AssertSqlSafe(sql.clone()), bound(&sql, args)?);
        let done = query.execute(self.raw()).await;
        match done {
            Ok(done) => Ok(done.rows_affected()),
            Err(source) => Err(StoreError::statement(&sql, source)),
        }
    }

    /// Runs several statements without parameters.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(sql)
            .execute(self.raw())
            .await
            .map(|_| ())
            .map_err(|source| StoreError::statement(sql, source))
    }

    /// All rows of a query.
    pub async fn rows(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        let query = sqlx::query_with(AssertSqlSafe(sql.clone()), bound(&sql, args)?);
        let rows = query
            .fetch_all(self.raw())
            .await
            .map_err(|source| StoreError::statement(&sql, source))?;
        let Some(first) = rows.first() else {
            return Ok(Vec::new());
        };
        let names: Arc<[String]> = first
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        rows.iter()
            .map(|row| own_row(&names, row).map_err(|source| StoreError::statement(&sql, source)))
            .collect()
    }

    /// The first row of a query, if there is one.
    pub async fn row(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Inserts many rows with few statements. `target` is `table (column, …)`, `conflict` what
    /// follows the values, possibly nothing.
    pub async fn insert_many(
        &mut self,
        target: &str,
        conflict: &str,
        rows: Vec<Args>,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk: Vec<Args> = rows.by_ref().take(ROWS_PER_INSERT).collect();
            let sql = insert_text(target, conflict, &chunk);
            self.execute(sql, chunk.into_iter().flatten().collect())
                .await?;
        }
        Ok(())
    }

    /// Closes a connection of its own, so that the database file is complete.
    pub(super) async fn close(self) -> Result<(), StoreError> {
        match self.connection {
            Connection::Sqlite(connection) => {
                use sqlx::Connection as _;
                let closed = connection.close().await;
                closed.map_err(|source| StoreError::statement("close", source))
            }
            Connection::PooledSqlite(_) => Ok(()),
        }
    }

    fn raw(&mut self) -> &mut SqliteConnection {
        match &mut self.connection {
            Connection::Sqlite(connection) => connection,
            Connection::PooledSqlite(connection) => connection,
        }
    }
}

/// `INSERT INTO target VALUES ($1, $2), ($3, $4) conflict`
fn insert_text(target: &str, conflict: &str, rows: &[Args]) -> String {
    let mut next = 0;
    let tuples: Vec<String> = rows
        .iter()
        .map(|row| {
            let places: Vec<String> = row
                .iter()
                .map(|_| {
                    next += 1;
                    format!("${next}")
                })
                .collect();
            format!("({})", places.join(", "))
        })
        .collect();
    format!(
        "INSERT INTO {target} VALUES {} {conflict}",
        tuples.join(", ")
    )
}

fn bound(sql: &str, args: Args) -> Result<SqliteArguments, StoreError> {
    let mut bound = SqliteArguments::default();
    for value in args {
        let added = match value {
            SqlValue::Null => bound.add(Option::<i64>::None),
            SqlValue::Integer(number) => bound.add(number),
            SqlValue::Real(number) => bound.add(number),
            SqlValue::Text(text) => bound.add(text),
            SqlValue::Blob(bytes) => bound.add(bytes),
        };
        added.map_err(|source| StoreError::statement(sql, sqlx::Error::Encode(source)))?;
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
    // The type of the value itself: SQLite types values, not columns.
    match value.type_info().name() {
        "INTEGER" | "BOOLEAN" => row.try_get_unchecked(index).map(SqlValue::Integer),
        "REAL" => row.try_get_unchecked(index).map(SqlValue::Real),
        "BLOB" => row.try_get_unchecked(index).map(SqlValue::Blob),
        _ => row.try_get_unchecked(index).map(SqlValue::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::args;

    #[test]
    fn many_rows_are_numbered_through() {
        let rows = vec![args![1_i64, "a"], args![2_i64, "b"]];
        assert_eq!(
            insert_text("t (x, y)", "ON CONFLICT DO NOTHING", &rows),
            "INSERT INTO t (x, y) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"
        );
    }
}
