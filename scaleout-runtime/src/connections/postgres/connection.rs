//! A connection to PostgreSQL.

use std::time::Duration;

use postgres::types::ToSql;
use postgres::{Client, NoTls, SimpleQueryMessage};
use scaleout_core::package::connection_string::ConnectionString;

use super::copy::{CopyColumn, PostgresInsert, SAVEPOINT, TRANSACTION};
use super::encode::Bound;
use super::names::{CatalogNames, Relation, columns, find};
use super::read::PostgresReader;
use super::settings::{Settings, settings};
use super::types::data_type;
use crate::cancel::CancelToken;
use crate::connections::dialect::{Parameters, Script, Statement, StatementKind};
use crate::connections::load::Load;
use crate::connections::parameter::cell_of_parameter;
use crate::connections::table_name::quoted;
use crate::connections::translated::{run_each, take};
use crate::connections::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TransactionStep,
};
use crate::data_flow::schema::{Column, Schema};
use crate::value::TypedValue;

/// Columns whose values the server makes when none is given.
const FIND_FILLED: &str = "SELECT a.attname::text, a.attidentity <> ''::\"char\" \
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relname = $2 AND 0 < a.attnum AND NOT a.attisdropped \
    AND (a.atthasdef OR a.attidentity <> ''::\"char\")";

/// A connection to PostgreSQL.
pub struct PostgresConnection {
    client: Client,
    target: String,
    in_transaction: bool,
    cancel: CancelToken,
}

impl PostgresConnection {
    /// Connects.
    ///
    /// # Errors
    /// [`ConnectionError::Invalid`] for a connection string that lacks something,
    /// [`ConnectionError::Connect`] when the server cannot be reached or refuses the login.
    pub fn open(
        name: &str,
        string: &ConnectionString,
        cancel: CancelToken,
    ) -> Result<Self, ConnectionError> {
        let Settings { config, target } = settings(name, string)?;
        let client = config
            .connect(NoTls)
            .map_err(|source| ConnectionError::Connect {
                name: name.to_owned(),
                target: target.clone(),
                source: source.into(),
            })?;
        Ok(Self {
            client,
            target,
            in_transaction: false,
            cancel,
        })
    }

    fn translate(&mut self, sql: &str) -> Result<Vec<Statement>, ConnectionError> {
        let script = Script::parse(sql);
        let names = CatalogNames::look_up(&mut self.client, &script);
        let names = names.map_err(|source| ConnectionError::in_statement(sql, source))?;
        let statements = script.translate(Dialect::Postgres, &names);
        match statements.iter().find_map(Statement::refusal) {
            Some(reason) => Err(ConnectionError::in_statement(sql, reason)),
            None => Ok(statements),
        }
    }

    fn run(
        &mut self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        let failed = |source| ConnectionError::in_statement(&statement.sql, source);
        let affected = if parameters.is_empty() && statement.parameters == Parameters::All {
            let messages = self.client.simple_query(&statement.sql).map_err(failed)?;
            let completed = messages.iter().filter_map(|message| match message {
                SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
                _ => None,
            });
            completed.reduce(|sum, rows| sum + rows)
        } else {
            let bound = bind(&statement.sql, parameters)?;
            let references: Vec<&(dyn ToSql + Sync)> = bound
                .iter()
                .map(|value| value as &(dyn ToSql + Sync))
                .collect();
            Some(
                self.client
                    .execute(&statement.sql, &references)
                    .map_err(failed)?,
            )
        };
        match statement.kind {
            StatementKind::Begin => self.in_transaction = true,
            StatementKind::End => self.in_transaction = false,
            _ => {}
        }
        let counts = matches!(statement.kind, StatementKind::Change | StatementKind::Other);
        Ok(affected.filter(|_| counts))
    }

    fn schema_of(&mut self, sql: &str) -> Result<(postgres::Statement, Schema), ConnectionError> {
        let failed = |source| ConnectionError::in_statement(sql, source);
        let prepared = self.client.prepare(sql).map_err(failed)?;
        let mut found = Vec::with_capacity(prepared.columns().len());
        for column in prepared.columns() {
            let known = data_type(column.type_(), column.type_modifier());
            let Some(known) = known else {
                let reason = format!(
                    "column `{}` has the type `{}`, which has no counterpart; cast it to text",
                    column.name(),
                    column.type_().name()
                );
                return Err(ConnectionError::in_statement(sql, reason));
            };
            found.push(Column {
                lineage_id: String::new(),
                name: column.name().to_owned(),
                data_type: known,
            });
        }
        Ok((prepared, Schema::new(found)))
    }

    fn find_table(&mut self, table: &TableName) -> Result<Option<Relation>, ConnectionError> {
        find(&mut self.client, table).map_err(|source| about(table, source))
    }

    fn copy_columns(
        &mut self,
        (table, relation): (&TableName, &Relation),
        wanted: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Vec<CopyColumn>, ConnectionError> {
        let failed = |source| about(table, source);
        let real = columns(&mut self.client, relation).map_err(failed)?;
        let names = [&relation.schema as &(dyn ToSql + Sync), &relation.table];
        let filled = self.client.query(FIND_FILLED, &names).map_err(failed)?;
        let prepared = self.client.prepare(&select_all(relation)).map_err(failed)?;
        let mut found = Vec::with_capacity(wanted.len());
        for (at, (name, column)) in wanted.iter().zip(schema.columns.iter()).enumerate() {
            let name = real_name(&real, name).ok_or_else(|| ConnectionError::MissingColumn {
                table: table.to_string(),
                column: name.clone(),
            })?;
            let filled = filled.iter().find(|row| row.get::<_, String>(0) == *name);
            let identity = filled.is_some_and(|row| row.get(1));
            if identity && !options.keep_identity {
                continue;
            }
            let declared = prepared.columns().iter().find(|it| it.name() == name);
            let Some(declared) = declared else {
                continue;
            };
            found.push(CopyColumn {
                at,
                name: name.clone(),
                wanted: declared.type_().clone(),
                data_type: column.data_type,
                null_is_default: filled.is_some() && !options.keep_nulls,
            });
        }
        Ok(found)
    }

    fn simple(&mut self, sql: &str) -> Result<(), ConnectionError> {
        let run = self.client.batch_execute(sql);
        run.map_err(|source| ConnectionError::in_statement(sql, source))
    }
}

impl Connection for PostgresConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.cancel.check()?;
        let statements = self.translate(sql)?;
        let mut rest = parameters;
        run_each(&statements, &mut rest, |statement, own| {
            self.run(statement, own)
        })
    }

    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        self.cancel.check()?;
        let mut statements = self.translate(sql)?;
        let Some(last) = statements.pop() else {
            return Err(ConnectionError::in_statement(sql, "it gives no rows"));
        };
        let mut rest = parameters;
        run_each(&statements, &mut rest, |statement, own| {
            self.run(statement, own)
        })?;
        let (prepared, schema) = self.schema_of(&last.sql)?;
        if schema.columns.is_empty() {
            return Err(ConnectionError::in_statement(sql, "it gives no rows"));
        }
        let bound = bind(&last.sql, take(&last, &mut rest))?;
        let cancel = self.cancel.clone();
        let references = bound.iter().map(|value| value as &dyn ToSql);
        let rows = self
            .client
            .query_raw(&prepared, references.collect::<Vec<_>>())
            .map_err(|source| ConnectionError::in_statement(&last.sql, source))?;
        let reader = PostgresReader::new(rows, last.sql, schema, batch_rows, cancel);
        Ok(Box::new(reader))
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        let Some(relation) = self.find_table(table)? else {
            return Ok(None);
        };
        let (_, schema) = self.schema_of(&select_all(&relation))?;
        Ok(Some(schema))
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        self.cancel.check()?;
        let relation = self.find_table(table)?;
        let relation = relation.ok_or_else(|| ConnectionError::MissingTable {
            table: table.to_string(),
            target: self.target.clone(),
        })?;
        let columns = self.copy_columns((table, &relation), columns, schema, options)?;
        let sql_name = format!("{}.{}", quoted(&relation.schema), quoted(&relation.table));
        let statements = if self.in_transaction {
            SAVEPOINT
        } else {
            TRANSACTION
        };
        let insert = PostgresInsert {
            client: &mut self.client,
            table: table.clone(),
            sql_name,
            columns,
        };
        let cancel = self.cancel.clone();
        Ok(Box::new(Load::new(
            insert,
            statements,
            options.commit_size,
            cancel,
        )))
    }

    fn set_timeout(&mut self, limit: Option<Duration>) -> Result<(), ConnectionError> {
        let limit = limit.map_or(0, |limit| limit.as_millis());
        let sql = format!("SET statement_timeout = {limit}");
        self.simple(&sql)
    }

    fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    fn transact(&mut self, step: TransactionStep) -> Result<(), ConnectionError> {
        if let Some(sql) = TRANSACTION.of(step) {
            self.simple(sql)?;
        }
        self.in_transaction = step.leaves_open();
        Ok(())
    }
}

fn select_all(relation: &Relation) -> String {
    let (schema, table) = (quoted(&relation.schema), quoted(&relation.table));
    format!("SELECT * FROM {schema}.{table} LIMIT 0")
}

fn real_name<'a>(real: &'a [String], name: &str) -> Option<&'a String> {
    let exact = real.iter().find(|column| *column == name);
    let lower = name.to_lowercase();
    exact.or_else(|| real.iter().find(|column| column.to_lowercase() == lower))
}

fn about(table: &TableName, source: postgres::Error) -> ConnectionError {
    ConnectionError::Statement {
        context: format!("reading the columns of table `{table}` failed"),
        source: source.into(),
    }
}

fn bind<'p>(sql: &str, parameters: &'p [TypedValue]) -> Result<Vec<Bound<'p>>, ConnectionError> {
    let parameters = parameters.iter().enumerate();
    parameters
        .map(|(at, value)| cell_of_parameter(sql, at, value).map(Bound))
        .collect()
}
