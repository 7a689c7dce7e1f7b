//! A connection to PostgreSQL.

use std::time::Duration;

use scaleout_core::package::connection_string::ConnectionString;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::types::ToSql;

use super::copy::{CopyColumn, PostgresInsert, SAVEPOINT, TRANSACTION};
use super::encode::Bound;
use super::mark_types::mark_types;
use super::names::{CatalogNames, Relation, columns, find};
use super::read::PostgresReader;
use super::session::{Session, SessionError};
use super::settings::{Settings, settings};
use super::try_cast::{TRY_CAST, tries_casts};
use super::types::data_type;
use crate::cancel::{CancelToken, Canceled};
use crate::connections::dialect::{ColumnKind, Parameters, Script, Statement, StatementKind};
use crate::connections::load::Load;
use crate::connections::parameter::cell_of_parameter;
use crate::connections::sent::{LastTranslation, Sent};
use crate::connections::table_name::quoted;
use crate::connections::translated::{Runner, run_each, run_to_last, take};
use crate::connections::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TakeRows, TransactionStep,
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
    session: Session,
    target: String,
    in_transaction: bool,
    /// The session has the function of `TRY_CAST`.
    has_try_cast: bool,
    sent: Sent,
    last_translation: LastTranslation,
}

/// Runs translated statements.
struct PostgresRunner<'c>(&'c mut PostgresConnection);

impl Runner for PostgresRunner<'_> {
    fn run(
        &mut self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.0.run(statement, parameters)
    }

    fn ask(
        &mut self,
        question: &Statement,
        parameters: &[TypedValue],
    ) -> Result<bool, ConnectionError> {
        self.0.ask(question, parameters)
    }
}

/// Runs translated statements, and gives away the rows of those that have some.
struct PostgresRows<'c, 't> {
    connection: &'c mut PostgresConnection,
    batch_rows: usize,
    take: &'c mut TakeRows<'t>,
}

impl Runner for PostgresRows<'_, '_> {
    fn run(
        &mut self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        use StatementKind::{Begin, Create, End};
        if matches!(statement.kind, Begin | Create | End) {
            return self.connection.run(statement, parameters);
        }
        let (prepared, schema) = self.connection.schema_of(&statement.sql, parameters)?;
        if schema.columns.is_empty() {
            return self.connection.run(statement, parameters);
        }
        let found = (&prepared, schema);
        let sql = statement.sql.clone();
        let reader = self
            .connection
            .reader(sql, found, parameters, self.batch_rows);
        let mut reader = reader?;
        // The server runs the statement to its end, whoever reads its rows.
        (self.take)(&mut reader)?;
        Ok(None)
    }

    fn ask(
        &mut self,
        question: &Statement,
        parameters: &[TypedValue],
    ) -> Result<bool, ConnectionError> {
        self.connection.ask(question, parameters)
    }
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
        let settings = settings(name, string)?;
        let Settings { config, target, .. } = &settings;
        let session = Session::connect(config, settings.connect_timeout, cancel);
        let session = session.map_err(|source| match source.downcast::<Canceled>() {
            Ok(canceled) => ConnectionError::Canceled(*canceled),
            Err(source) => ConnectionError::Connect {
                name: name.to_owned(),
                target: target.clone(),
                source,
            },
        })?;
        Ok(Self {
            session,
            target: settings.target,
            in_transaction: false,
            has_try_cast: false,
            sent: Sent::default(),
            last_translation: LastTranslation::default(),
        })
    }

    fn translate(&mut self, sql: &str) -> Result<Vec<Statement>, ConnectionError> {
        if let Some(statements) = self.last_translation.of(sql) {
            return Ok(statements);
        }
        let script = Script::parse(sql);
        let names = CatalogNames::look_up(&self.session, &script);
        let names = names.map_err(|error| error.in_statement(sql))?;
        let statements = script.translate(Dialect::Postgres, &names);
        self.make_try_cast(&statements)?;
        self.sent.note(sql, &statements);
        self.last_translation.keep(sql, &statements);
        match statements.iter().find_map(Statement::refusal) {
            Some(reason) => Err(ConnectionError::in_statement(sql, reason)),
            None => Ok(statements),
        }
    }

    /// `TRY_CAST` needs a function, which lives and dies with the session.
    fn make_try_cast(&mut self, statements: &[Statement]) -> Result<(), ConnectionError> {
        if self.has_try_cast || !statements.iter().any(tries_casts) {
            return Ok(());
        }
        self.simple(TRY_CAST)?;
        self.has_try_cast = true;
        Ok(())
    }

    /// What the condition of an `IF` says.
    fn ask(
        &self,
        question: &Statement,
        parameters: &[TypedValue],
    ) -> Result<bool, ConnectionError> {
        let bound = bind(&question.sql, parameters)?;
        let references: Vec<&(dyn ToSql + Sync)> = bound
            .iter()
            .map(|value| value as &(dyn ToSql + Sync))
            .collect();
        let run = self.session.client().query_one(&question.sql, &references);
        let row = self.session.wait(run);
        let row = row.map_err(|error| error.in_statement(&question.sql))?;
        let answer: Result<i32, _> = row.try_get(0);
        answer
            .map(|answer| answer == 1)
            .map_err(|error| ConnectionError::in_statement(&question.sql, error))
    }

    fn run(
        &mut self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        let failed = |error: SessionError| error.in_statement(&statement.sql);
        let client = self.session.client();
        let affected = if parameters.is_empty() && statement.parameters == Parameters::All {
            let run = client.simple_query(&statement.sql);
            let messages = self.session.wait(run).map_err(failed)?;
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
            let types = mark_types(&statement.sql, parameters);
            let affected = if types.is_empty() {
                self.session
                    .wait(client.execute(&statement.sql, &references))
            } else {
                let prepared = client.prepare_typed(&statement.sql, &types);
                let prepared = self.session.wait(prepared).map_err(failed)?;
                self.session.wait(client.execute(&prepared, &references))
            };
            Some(affected.map_err(failed)?)
        };
        match statement.kind {
            StatementKind::Begin => self.in_transaction = true,
            StatementKind::End => self.in_transaction = false,
            _ => {}
        }
        let counts = matches!(statement.kind, StatementKind::Change | StatementKind::Other);
        Ok(affected.filter(|_| counts))
    }

    /// Runs a prepared query.
    fn reader(
        &self,
        sql: String,
        (prepared, schema): (&tokio_postgres::Statement, Schema),
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<PostgresReader<'_>, ConnectionError> {
        let bound = bind(&sql, parameters)?;
        let references = bound.iter().map(|value| value as &(dyn ToSql + Sync));
        let references = references.collect::<Vec<_>>();
        let run = self.session.client().query_raw(prepared, references);
        let rows = self
            .session
            .wait(run)
            .map_err(|error| error.in_statement(&sql))?;
        Ok(PostgresReader::new(
            &self.session,
            rows,
            sql,
            schema,
            batch_rows,
        ))
    }

    fn schema_of(
        &self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<(tokio_postgres::Statement, Schema), ConnectionError> {
        let types = mark_types(sql, parameters);
        let prepared = self.session.client().prepare_typed(sql, &types);
        let prepared = self.session.wait(prepared);
        let prepared = prepared.map_err(|error| error.in_statement(sql))?;
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
        find(&self.session, table).map_err(|source| about(table, source))
    }

    fn copy_columns(
        &mut self,
        (table, relation): (&TableName, &Relation),
        wanted: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Vec<CopyColumn>, ConnectionError> {
        let failed = |source| about(table, source);
        let session = &self.session;
        let real = columns(session, relation).map_err(failed)?;
        let names = [&relation.schema as &(dyn ToSql + Sync), &relation.table];
        let filled = session.wait(session.client().query(FIND_FILLED, &names));
        let filled = filled.map_err(failed)?;
        let all = select_all(relation);
        let prepared = session.wait(session.client().prepare(&all));
        let prepared = prepared.map_err(failed)?;
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
        let run = self.session.client().batch_execute(sql);
        let ran = self.session.wait(run);
        ran.map_err(|error| error.in_statement(sql))
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
        self.session.cancel().check()?;
        let statements = self.translate(sql)?;
        let mut rest = parameters;
        run_each(&statements, &mut rest, &mut PostgresRunner(self))
    }

    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        self.session.cancel().check()?;
        let statements = self.translate(sql)?;
        let mut rest = parameters;
        let last = run_to_last(statements, &mut rest, &mut PostgresRunner(self))?;
        let Some(last) = last else {
            return Err(ConnectionError::in_statement(sql, "it gives no rows"));
        };
        let own = take(&last, &mut rest);
        let (prepared, schema) = self.schema_of(&last.sql, own)?;
        if schema.columns.is_empty() {
            return Err(ConnectionError::in_statement(sql, "it gives no rows"));
        }
        let reader = self.reader(last.sql, (&prepared, schema), own, batch_rows)?;
        Ok(Box::new(reader))
    }

    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        self.session.cancel().check()?;
        let statements = self.translate(sql)?;
        let mut rest = parameters;
        let mut runner = PostgresRows {
            connection: self,
            batch_rows,
            take,
        };
        run_each(&statements, &mut rest, &mut runner).map(|_| ())
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        let Some(relation) = self.find_table(table)? else {
            return Ok(None);
        };
        let (_, schema) = self.schema_of(&select_all(&relation), &[])?;
        Ok(Some(schema))
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        self.session.cancel().check()?;
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
            session: &self.session,
            table: table.clone(),
            sql_name,
            columns,
        };
        let cancel = self.session.cancel().clone();
        Ok(Box::new(Load::new(
            insert,
            statements,
            options.commit_size,
            cancel,
        )))
    }

    fn set_timeout(&mut self, limit: Option<Duration>) -> Result<(), ConnectionError> {
        self.session.set_limit(limit);
        Ok(())
    }

    fn take_sent(&mut self) -> Vec<String> {
        self.sent.take()
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

fn real_name<'a>(real: &'a [(String, Option<ColumnKind>)], name: &str) -> Option<&'a String> {
    let names = || real.iter().map(|(column, _)| column);
    let lower = name.to_lowercase();
    let folded = || names().find(|column| column.to_lowercase() == lower);
    names().find(|column| *column == name).or_else(folded)
}

fn about(table: &TableName, error: SessionError) -> ConnectionError {
    error.while_doing(format!("reading the columns of table `{table}` failed"))
}

fn bind<'p>(sql: &str, parameters: &'p [TypedValue]) -> Result<Vec<Bound<'p>>, ConnectionError> {
    let parameters = parameters.iter().enumerate();
    parameters
        .map(|(at, value)| cell_of_parameter(sql, at, value).map(Bound))
        .collect()
}
