//! A connection to SQL Server.

use std::time::Duration;

use scaleout_core::package::connection_string::ConnectionString;
use tiberius::{Row, ToSql};

use super::WaitError;
use super::bulk::{BulkColumn, SAVEPOINT, SqlServerInsert, TRANSACTION};
use super::login::{TdsClient, connect};
use super::read::{SqlServerReader, read_each};
use super::settings::settings;
use super::table::{TableColumn, choose, columns_sql};
use super::types::{described_type, parameter_type, wire_type};
use super::values::{Bound, data_of};

use crate::cancel::CancelToken;
use crate::connections::dialect::number_marks;
use crate::connections::load::Load;
use crate::connections::parameter::cell_of_parameter;
use crate::connections::wait::Waiter;
use crate::connections::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TakeRows, TransactionStep, shortened,
};
use crate::data_flow::schema::{Column, Schema};
use crate::value::{DataType, TypedValue};

/// What a query returns, as the server sees it before it runs.
const DESCRIBE: &str = "SELECT name, system_type_name \
    FROM sys.dm_exec_describe_first_result_set(@P1, @P2, 0) ORDER BY column_ordinal";

/// A connection to SQL Server.
pub struct SqlServerConnection {
    client: TdsClient,
    waiter: Waiter,
    target: String,
    in_transaction: bool,
}

impl SqlServerConnection {
    /// Connects.
    ///
    /// # Errors
    /// [`ConnectionError::Invalid`] and [`ConnectionError::Unsupported`] for what the connection
    /// string lacks or asks for, [`ConnectionError::Connect`] when the server cannot be reached
    /// or refuses the login.
    pub fn open(
        name: &str,
        string: &ConnectionString,
        cancel: CancelToken,
    ) -> Result<Self, ConnectionError> {
        let settings = settings(name, string)?;
        let target = settings.target.clone();
        let not_connected =
            |source: Box<dyn std::error::Error + Send + Sync>| ConnectionError::Connect {
                name: name.to_owned(),
                target: target.clone(),
                source,
            };
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build();
        let runtime = runtime.map_err(|error| not_connected(error.into()))?;
        let waiter = Waiter {
            runtime,
            cancel,
            limit: settings.connect_timeout,
        };
        let client = match waiter.wait(connect(&settings)) {
            Ok(client) => client,
            Err(WaitError::Canceled(canceled)) => return Err(canceled.into()),
            Err(error) => return Err(not_connected(error.into())),
        };
        Ok(Self {
            client,
            waiter: Waiter {
                limit: None,
                ..waiter
            },
            target,
            in_transaction: false,
        })
    }

    /// Runs a text that has no parameters, and gives all rows of the first result set.
    fn rows(&mut self, sql: &str, bound: &[Bound]) -> Result<Vec<Row>, ConnectionError> {
        let references: Vec<&dyn ToSql> = bound.iter().map(|value| value as &dyn ToSql).collect();
        let client = &mut self.client;
        let rows = self.waiter.wait(async {
            if references.is_empty() {
                client.simple_query(sql).await?.into_first_result().await
            } else {
                client
                    .query(sql, &references)
                    .await?
                    .into_first_result()
                    .await
            }
        });
        rows.map_err(|error| failed(sql, error))
    }

    /// A number that one row with one column gives.
    fn number(&mut self, sql: &str) -> Result<Option<i64>, ConnectionError> {
        let rows = self.rows(sql, &[])?;
        let first = rows.first();
        Ok(first.and_then(|row| row.try_get::<i64, _>(0).ok().flatten()))
    }

    /// Columns that the server says a query has; `None` when it cannot say.
    fn describe(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<Schema>, ConnectionError> {
        let declared = parameters.iter().enumerate();
        let declared =
            declared.map(|(at, value)| format!("@P{} {}", at + 1, parameter_type(value.data_type)));
        let declared: Vec<String> = declared.collect();
        let text = |text: &str| Bound(tiberius::ColumnData::String(Some(text.to_owned().into())));
        let bound = [text(sql), text(&declared.join(", "))];
        // Temporary tables and dynamic SQL cannot be described: the wire's types do then.
        let Ok(rows) = self.rows(DESCRIBE, &bound) else {
            return Ok(None);
        };
        let columns = rows.iter().map(|row| {
            let name = row.try_get::<&str, _>(0).ok()?.unwrap_or_default();
            let described = row.try_get::<&str, _>(1).ok()??;
            Some(column(name, described_type(described)?))
        });
        let columns: Option<Vec<Column>> = columns.collect();
        Ok(columns
            .filter(|columns| !columns.is_empty())
            .map(Schema::new))
    }

    fn table_columns(&mut self, table: &TableName) -> Result<Vec<TableColumn>, ConnectionError> {
        let name = Bound(tiberius::ColumnData::String(Some(table.to_string().into())));
        let rows = self.rows(&columns_sql(table), &[name])?;
        Ok(rows.iter().filter_map(TableColumn::read).collect())
    }

    fn bulk_columns(
        &mut self,
        table: &TableName,
        wanted: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Vec<BulkColumn>, ConnectionError> {
        let real = self.table_columns(table)?;
        if real.is_empty() {
            return Err(ConnectionError::MissingTable {
                table: table.to_string(),
                target: self.target.clone(),
            });
        }
        choose(&real, wanted, schema, options).map_err(|column| ConnectionError::MissingColumn {
            table: table.to_string(),
            column,
        })
    }
}

impl Connection for SqlServerConnection {
    fn dialect(&self) -> Dialect {
        Dialect::SqlServer
    }

    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.waiter.cancel.check()?;
        let affected = if parameters.is_empty() {
            // As a plain batch: temporary tables and transactions outlive it.
            self.rows(sql, &[])?;
            let rows = self.number("SELECT ROWCOUNT_BIG()")?;
            rows.and_then(|rows| u64::try_from(rows).ok())
        } else {
            let sql = number_marks(sql, "@P");
            let bound = bind(&sql, parameters)?;
            let references: Vec<&dyn ToSql> =
                bound.iter().map(|value| value as &dyn ToSql).collect();
            let executed = self
                .waiter
                .wait(self.client.execute(sql.as_str(), &references));
            Some(executed.map_err(|error| failed(&sql, error))?.total())
        };
        if sql.to_ascii_lowercase().contains("tran") {
            let open = self.number("SELECT CAST(@@TRANCOUNT AS bigint)")?;
            self.in_transaction = open.is_some_and(|open| 0 < open);
        }
        Ok(affected)
    }

    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        self.waiter.cancel.check()?;
        let sql = number_marks(sql, "@P");
        let described = self.describe(&sql, parameters)?;
        let bound = bind(&sql, parameters)?;
        let references: Vec<&dyn ToSql> = bound.iter().map(|value| value as &dyn ToSql).collect();
        let (waiter, client) = (&self.waiter, &mut self.client);
        let text = sql.clone();
        let opened = waiter.wait(async move {
            let mut rows = if references.is_empty() {
                client.simple_query(text).await?
            } else {
                client.query(text, &references).await?
            };
            let columns = rows.columns().await?.unwrap_or_default().to_vec();
            Ok((rows, columns))
        });
        let (rows, columns) = opened.map_err(|error| failed(&sql, error))?;
        if columns.is_empty() {
            return Err(ConnectionError::in_statement(&sql, "it gives no rows"));
        }
        let same_width = |schema: &Schema| schema.columns.len() == columns.len();
        let schema = match described.filter(same_width) {
            Some(schema) => schema,
            None => wire_schema(&sql, &columns)?,
        };
        Ok(Box::new(SqlServerReader::new(
            waiter,
            rows,
            (sql, schema),
            batch_rows,
        )))
    }

    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        self.waiter.cancel.check()?;
        let sql = number_marks(sql, "@P");
        let described = self.describe(&sql, parameters)?;
        let bound = bind(&sql, parameters)?;
        let references: Vec<&dyn ToSql> = bound.iter().map(|value| value as &dyn ToSql).collect();
        let (waiter, client) = (&self.waiter, &mut self.client);
        let text = sql.clone();
        let opened = waiter.wait(async move {
            if references.is_empty() {
                client.simple_query(text).await
            } else {
                client.query(text, &references).await
            }
        });
        let rows = opened.map_err(|error| failed(&sql, error))?;
        read_each(waiter, rows, (&sql, described), batch_rows, take)
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        let columns = self.table_columns(table)?;
        if columns.is_empty() {
            return Ok(None);
        }
        let columns = columns.iter();
        Ok(Some(Schema::new(columns.map(|it| {
            column(&it.name, it.data_type.unwrap_or(DataType::Ntext))
        }))))
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        self.waiter.cancel.check()?;
        let columns = self.bulk_columns(table, columns, schema, options)?;
        let statements = if self.in_transaction {
            SAVEPOINT
        } else {
            TRANSACTION
        };
        let insert = SqlServerInsert {
            waiter: &self.waiter,
            client: &mut self.client,
            table: table.clone(),
            columns,
            options: options.clone(),
        };
        let cancel = self.waiter.cancel.clone();
        Ok(Box::new(Load::new(
            insert,
            statements,
            options.commit_size,
            cancel,
        )))
    }

    fn set_timeout(&mut self, limit: Option<Duration>) -> Result<(), ConnectionError> {
        self.waiter.limit = limit;
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    fn transact(&mut self, step: TransactionStep) -> Result<(), ConnectionError> {
        if let Some(sql) = TRANSACTION.of(step) {
            self.rows(sql, &[])?;
        }
        self.in_transaction = step.leaves_open();
        Ok(())
    }
}

fn column(name: &str, data_type: DataType) -> Column {
    Column {
        lineage_id: String::new(),
        name: name.to_owned(),
        data_type,
    }
}

pub(super) fn wire_schema(
    sql: &str,
    columns: &[tiberius::Column],
) -> Result<Schema, ConnectionError> {
    let columns = columns.iter().map(|found| {
        let data_type = wire_type(found.column_type()).ok_or_else(|| {
            let reason = format!(
                "column `{}` has a type that has no counterpart; cast it in the query",
                found.name()
            );
            ConnectionError::in_statement(sql, reason)
        })?;
        Ok(column(found.name(), data_type))
    });
    let columns: Result<Vec<Column>, ConnectionError> = columns.collect();
    columns.map(Schema::new)
}

fn bind(sql: &str, parameters: &[TypedValue]) -> Result<Vec<Bound>, ConnectionError> {
    let bound = parameters.iter().enumerate().map(|(at, value)| {
        let cell = cell_of_parameter(sql, at, value)?;
        let data = data_of(cell, value.data_type);
        data.map(Bound)
            .map_err(|problem| ConnectionError::in_statement(sql, problem))
    });
    bound.collect()
}

/// What a statement failed on.
pub(super) fn failed(sql: &str, error: WaitError) -> ConnectionError {
    match error {
        WaitError::Server(error) if !is_lost(&error) => ConnectionError::in_statement(sql, error),
        other => gave_up(format!("statement `{}` failed", shortened(sql)), other),
    }
}

/// What something failed on that the server has not refused.
pub(super) fn gave_up(context: String, error: WaitError) -> ConnectionError {
    match error {
        WaitError::Canceled(canceled) => canceled.into(),
        WaitError::TimedOut(limit) => ConnectionError::TimedOut { context, limit },
        WaitError::Server(error) if is_lost(&error) => ConnectionError::Lost {
            context,
            source: error.into(),
        },
        WaitError::Server(error) => ConnectionError::Statement {
            context,
            source: error.into(),
        },
    }
}

fn is_lost(error: &tiberius::error::Error) -> bool {
    matches!(error, tiberius::error::Error::Io { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_answer_is_named_without_secrets() {
        // Port 9 of this machine: nobody listens there.
        let text = "Data Source=tcp:127.0.0.1,9;User ID=u;Password=geheim;Connect Timeout=5";
        let string = ConnectionString::parse(text).unwrap();
        let opened = SqlServerConnection::open("db", &string, CancelToken::new());
        let text = opened.err().unwrap().explained();
        assert!(
            text.contains("127.0.0.1,9") && !text.contains("geheim"),
            "{text}"
        );
    }

    #[test]
    fn a_server_that_takes_the_connection_and_says_nothing_is_given_up() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        let text =
            format!("Data Source=127.0.0.1,{port};User ID=u;Password=geheim;Connect Timeout=1");
        let string = ConnectionString::parse(&text).unwrap();
        let opened = SqlServerConnection::open("db", &string, CancelToken::new());
        let error = opened.err().unwrap();
        assert!(matches!(error, ConnectionError::Connect { .. }), "{error}");
    }
}
