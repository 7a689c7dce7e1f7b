//! A source that runs.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, BooleanArray, new_null_array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::adapt::{Misfit, Rules, adapt};
use super::binding::{NO_COLUMN, NO_TABLE, failure, lock};
use super::family::Family;
use crate::connections::cell::CellProblem;
use crate::connections::{Connection, TableName, report_sent};
use crate::data_flow::codes::COMPONENT_EXCEPTION;
use crate::data_flow::columns::{arrow_type, batch};
use crate::data_flow::component::{ComponentError, Outputs, RunningComponent};
use crate::data_flow::error_rows::{ErrorRows, FaultKind, Rule};
use crate::data_flow::schema::Schema;
use crate::services::{ConnectionLease, Services};
use crate::value::{DataType, TypedValue};

/// `ErrorCode` of a value that cannot be converted.
const CANNOT_CONVERT: u32 = 0xC020_9072;
/// `ErrorCode` of a value that was cut.
const TRUNCATED: u32 = 0xC020_902A;

/// What is read.
#[derive(Clone, Debug)]
pub(super) enum Query {
    /// All columns of a table.
    Table(TableName),
    /// A query.
    Sql(String),
}

/// One column of the output.
pub(super) struct ReadColumn {
    /// Name in the database.
    pub(super) name: String,
    /// Place in the design-time metadata.
    pub(super) place: Option<usize>,
    pub(super) data_type: DataType,
    /// A truncation is ignored: the text is cut.
    pub(super) cuts_text: bool,
    /// Nobody reads it otherwise.
    pub(super) is_used: bool,
    pub(super) rule: Rule,
}

/// The running component.
pub(super) struct DatabaseReader {
    pub(super) family: Family,
    pub(super) component: String,
    pub(super) reference: String,
    pub(super) connection: String,
    pub(super) query: Query,
    pub(super) parameters: Vec<TypedValue>,
    pub(super) timeout: Option<Duration>,
    pub(super) columns: Vec<ReadColumn>,
    pub(super) output: usize,
    pub(super) schema: SchemaRef,
    pub(super) errors: ErrorRows,
    pub(super) batch_rows: usize,
    pub(super) services: Services,
    pub(super) lease: Option<ConnectionLease>,
}

impl RunningComponent for DatabaseReader {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let opened = self.services.connections.open_to_read(&self.reference);
        let lease = opened.map_err(|error| self.family.cannot_acquire(&self.component, &error))?;
        if let Query::Table(table) = &self.query {
            let found = lock(&lease).table_schema(table);
            let found =
                found.map_err(|error| self.family.provider_failed(&self.component, &error))?;
            if found.is_none() {
                return Err(self.no_table(table));
            }
        }
        self.lease = Some(lease);
        Ok(())
    }

    fn prime_output(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let Some(lease) = self.lease.take() else {
            return Ok(());
        };
        let mut connection = lock(&lease);
        // A retained connection is shared: a destination of the same data flow may need it
        // before the last row is read. So all rows are taken first, and it is let go.
        let is_shared = 1 < Arc::strong_count(&lease);
        let mut waiting = Vec::new();
        if is_shared {
            let places = self.read(&mut **connection, &mut |_, batch, _| {
                waiting.push(batch);
                Ok(())
            })?;
            drop(connection);
            for batch in waiting {
                self.send(&batch, &places, out)?;
            }
            return Ok(());
        }
        self.read(&mut **connection, &mut |this, batch, places| {
            this.send(&batch, places, out)
        })?;
        Ok(())
    }

    fn process_input(
        &mut self,
        _: usize,
        _: RecordBatch,
        _: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        Ok(())
    }
}

/// Where each output column is in the rows, and with which type.
type Places = Vec<(usize, DataType)>;

/// What is done with each batch.
type Taker<'t> =
    dyn FnMut(&mut DatabaseReader, RecordBatch, &Places) -> Result<(), ComponentError> + 't;

impl DatabaseReader {
    fn read(
        &mut self,
        connection: &mut dyn Connection,
        take: &mut Taker<'_>,
    ) -> Result<Places, ComponentError> {
        let sql = match &self.query {
            Query::Table(table) => format!("SELECT * FROM {table}"),
            Query::Sql(sql) => sql.clone(),
        };
        let component = self.component.clone();
        let family = self.family;
        let failed = |error| family.provider_failed(&component, &error);
        connection.set_timeout(self.timeout).map_err(failed)?;
        let parameters = std::mem::take(&mut self.parameters);
        let mut reader = connection
            .query(&sql, &parameters, self.batch_rows)
            .map_err(failed)?;
        let places = self.places(reader.schema())?;
        while let Some(batch) = reader.next_batch().map_err(failed)? {
            self.services.cancel.check()?;
            take(self, batch, &places)?;
        }
        drop(reader);
        report_sent(connection, &self.connection, &*self.services.events);
        Ok(places)
    }

    /// Columns are found by name; where the query names them otherwise, by their place.
    fn places(&self, schema: &Schema) -> Result<Places, ComponentError> {
        let found = &schema.columns;
        let by_name = |name: &str| {
            let exact = found.iter().position(|column| column.name == name);
            let lower = name.to_lowercase();
            let folded = || found.iter().position(|it| it.name.to_lowercase() == lower);
            exact.or_else(folded)
        };
        let named: Option<Vec<usize>> = self
            .columns
            .iter()
            .map(|column| by_name(&column.name))
            .collect();
        let places = named.or_else(|| {
            let columns = self.columns.iter();
            let places = columns.map(|column| column.place.filter(|place| *place < found.len()));
            match &self.query {
                Query::Sql(_) => places.collect::<Option<Vec<usize>>>(),
                Query::Table(_) => None,
            }
        });
        let Some(places) = places else {
            return Err(self.missing_column(&by_name));
        };
        let typed = places.into_iter().map(|at| (at, found[at].data_type));
        Ok(typed.collect())
    }

    fn missing_column(&self, by_name: &dyn Fn(&str) -> Option<usize>) -> ComponentError {
        let mut columns = self.columns.iter();
        let missing = columns.find(|column| by_name(&column.name).is_none());
        let name = missing.map_or("", |column| column.name.as_str());
        let what = match &self.query {
            Query::Table(table) => format!("table {table}"),
            Query::Sql(_) => "the query".to_owned(),
        };
        let text = format!(
            "column `{name}` is not in {what} of connection manager `{}`; refresh the columns of \
             `{}` in the package, or add the column",
            self.connection, self.component
        );
        failure(&self.component, NO_COLUMN, text)
    }

    fn no_table(&self, table: &TableName) -> ComponentError {
        let text = format!(
            "a rowset for table {table} of connection manager `{}` cannot be opened: the table \
             does not exist",
            self.connection
        );
        failure(&self.component, NO_TABLE, text)
    }

    fn send(
        &mut self,
        read: &RecordBatch,
        places: &Places,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let rows = read.num_rows();
        let mut faults = self.errors.begin(rows);
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for (column, (place, from)) in self.columns.iter().zip(places) {
            if !column.is_used {
                arrays.push(new_null_array(&arrow_type(column.data_type), rows));
                continue;
            }
            let array = read.column(*place);
            let rules = Rules::Reading {
                cut: column.cuts_text,
            };
            let (array, misfits) = adapt(array, *from, column.data_type, rules);
            arrays.push(array);
            for Misfit { row, problem } in misfits {
                let (kind, code) = match problem {
                    CellProblem::Truncation => (FaultKind::Truncation, TRUNCATED),
                    CellProblem::Mismatch | CellProblem::Overflow => {
                        (FaultKind::Error, CANNOT_CONVERT)
                    }
                };
                faults.add(&column.rule, row, kind, code, || {
                    format!(
                        "There was an error with column `{}` of component `{}`: {problem} ({} \
                         into {})",
                        column.name,
                        self.component,
                        from.name(),
                        column.data_type.name()
                    )
                });
            }
        }
        let converted = batch(Arc::clone(&self.schema), arrays, rows);
        let converted = converted.map_err(|error| self.broken(&error))?;
        match self.errors.settle(faults, &converted, out)? {
            None => out.send(self.output, converted),
            Some(stays) => out.send(self.output, self.filtered(&converted, &stays)?),
        }
    }

    fn filtered(
        &self,
        batch: &RecordBatch,
        stays: &BooleanArray,
    ) -> Result<RecordBatch, ComponentError> {
        filter_record_batch(batch, stays).map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &arrow::error::ArrowError) -> ComponentError {
        failure(&self.component, COMPONENT_EXCEPTION, error.to_string())
    }
}
