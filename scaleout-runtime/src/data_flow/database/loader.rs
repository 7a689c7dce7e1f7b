//! A destination that runs.
//!
//! Every batch that arrives is one bulk insert, committed at its end, as the original does;
//! a smaller commit size commits more often, and 0 commits once, after the last row.

use std::ops::Range;
use std::time::Duration;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Disposition;
use scaleout_core::protocol::event::OutputNote;

use super::adapt::{Rules, adapt};
use super::binding::{NO_COLUMN, NO_FAST_TABLE, NO_TABLE, failure, lock};
use super::family::Family;
use super::refusal::{CANNOT_CONVERT, code_of};
use crate::connections::{BulkOptions, ConnectionError, TableName};
use crate::data_flow::codes::COMPONENT_EXCEPTION;
use crate::data_flow::columns::batch;
use crate::data_flow::component::{ComponentError, Outputs, RunningComponent};
use crate::data_flow::error_rows::{BatchFaults, ErrorRows, FaultKind, Rule};
use crate::data_flow::schema::{Column, Schema};
use crate::events::Severity;
use crate::services::{ConnectionLease, Services};
use crate::value::DataType;

/// The last commit begins.
const COMMIT_STARTED: u32 = 0x4020_90DF;
/// The last commit is done.
const COMMIT_ENDED: u32 = 0x4020_90E0;

/// Where rows go.
pub(super) struct Target {
    /// Connection manager.
    pub(super) connection: String,
    pub(super) table: TableName,
    /// Whole batches succeed or fail.
    pub(super) fast: bool,
    pub(super) options: BulkOptions,
    pub(super) timeout: Option<Duration>,
    /// The property that names the table.
    pub(super) table_property: &'static str,
    /// Rows that are loaded, counted from 0; the others are left out.
    pub(super) window: Range<u64>,
}

/// A mapped column.
pub(super) struct WrittenColumn {
    /// Position in the batches.
    pub(super) at: usize,
    /// Name in the data flow.
    pub(super) input_name: String,
    /// Name in the table.
    pub(super) name: String,
    pub(super) from: DataType,
    /// Type in the table, as known at design time.
    pub(super) to: DataType,
    pub(super) lineage_number: i32,
}

/// The running component.
pub(super) struct Loader {
    pub(super) family: Family,
    pub(super) component: String,
    pub(super) reference: String,
    pub(super) target: Target,
    pub(super) columns: Vec<WrittenColumn>,
    pub(super) rule: Rule,
    pub(super) errors: ErrorRows,
    pub(super) services: Services,
    pub(super) lease: Option<ConnectionLease>,
    /// All rows are in one transaction, and it is ours.
    pub(super) own_transaction: bool,
    pub(super) rows_before: u64,
    /// Rows that came, those outside of the window too.
    pub(super) seen: u64,
    pub(super) committed: u64,
    pub(super) pending: u64,
}

impl RunningComponent for Loader {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let opened = self.services.connections.open(&self.reference);
        let lease = opened.map_err(|error| self.family.cannot_acquire(&self.component, &error))?;
        let mut connection = lock(&lease);
        let failed = |error| self.family.provider_failed(&self.component, &error);
        connection
            .set_timeout(self.target.timeout)
            .map_err(failed)?;
        let found = connection
            .table_schema(&self.target.table)
            .map_err(failed)?;
        self.check_table(found.as_ref())?;
        drop(connection);
        self.lease = Some(lease);
        Ok(())
    }

    fn process_input(
        &mut self,
        _: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        self.services.cancel.check()?;
        let batch = self.windowed(batch);
        let mut faults = self.errors.begin(batch.num_rows());
        let (converted, lost) = self.convert(&batch, &mut faults)?;
        let rows: Vec<usize> = (0..batch.num_rows()).filter(|row| !lost[*row]).collect();
        let converted = if rows.len() == batch.num_rows() {
            converted
        } else {
            let stays: BooleanArray = lost.iter().map(|lost| Some(!lost)).collect();
            filter_record_batch(&converted, &stays).map_err(|error| self.broken(&error))?
        };
        self.write(&converted, &rows, &mut faults)?;
        self.errors.settle(faults, &batch, out)?;
        self.rows_before += batch.num_rows() as u64;
        Ok(())
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        let component = self.component.clone();
        let informs = self.target.fast && self.family == Family::OleDb;
        if informs {
            self.inform(COMMIT_STARTED, "has started");
        }
        if let Some(lease) = self.lease.take() {
            let mut connection = lock(&lease);
            if self.own_transaction {
                let committed = connection.commit();
                committed.map_err(|error| self.family.provider_failed(&component, &error))?;
                self.own_transaction = false;
                self.committed += self.pending;
                self.pending = 0;
            }
        }
        if informs {
            self.inform(COMMIT_ENDED, "has ended");
        }
        self.services.events.output(OutputNote {
            component,
            target: format!("{}: {}", self.target.connection, self.target.table),
        });
        Ok(())
    }
}

impl Drop for Loader {
    /// The data flow failed or was stopped: what is not committed must not stay open.
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take()
            && self.own_transaction
        {
            // A connection that is lost has rolled back by itself.
            let _ = lock(&lease).rollback();
        }
    }
}

impl Loader {
    /// The rows of the batch that are loaded at all.
    fn windowed(&mut self, batch: RecordBatch) -> RecordBatch {
        let first = self.seen;
        self.seen += batch.num_rows() as u64;
        let start = self.target.window.start.clamp(first, self.seen);
        let end = self.target.window.end.clamp(start, self.seen);
        if start == first && end == self.seen {
            return batch;
        }
        // Both lie in the batch, whose rows are a `usize`.
        let place = |row: u64| usize::try_from(row - first).unwrap_or(usize::MAX);
        batch.slice(place(start), place(end) - place(start))
    }

    fn check_table(&self, found: Option<&Schema>) -> Result<(), ComponentError> {
        let table = &self.target.table;
        let Some(found) = found else {
            let (code, what) = if self.target.fast {
                (NO_FAST_TABLE, "a fast-load rowset")
            } else {
                (NO_TABLE, "a rowset")
            };
            let text = format!(
                "{what} for table {table} of connection manager `{}` cannot be opened: the table \
                 does not exist; create it, or correct `{}`",
                self.target.connection, self.target.table_property
            );
            return Err(failure(&self.component, code, text));
        };
        let has = |name: &str| {
            let lower = name.to_lowercase();
            found
                .columns
                .iter()
                .any(|it| it.name.to_lowercase() == lower)
        };
        match self.columns.iter().find(|column| !has(&column.name)) {
            None => Ok(()),
            Some(missing) => {
                let text = format!(
                    "column `{}` is not in table {table} of connection manager `{}`; add it, or \
                     correct the mapping of `{}`",
                    missing.name, self.target.connection, self.component
                );
                Err(failure(&self.component, NO_COLUMN, text))
            }
        }
    }

    /// The mapped columns in the types of the table, and which rows have a value that does not
    /// fit.
    fn convert(
        &self,
        input: &RecordBatch,
        faults: &mut BatchFaults,
    ) -> Result<(RecordBatch, Vec<bool>), ComponentError> {
        let rows = input.num_rows();
        let mut lost = vec![false; rows];
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let (array, misfits) = adapt(
                input.column(column.at),
                column.from,
                column.to,
                Rules::Writing,
            );
            arrays.push(array);
            for misfit in misfits {
                if std::mem::replace(&mut lost[misfit.row], true) {
                    continue;
                }
                if self.fails() {
                    return Err(self.column_failed(column, misfit.row, misfit.problem));
                }
                let rule = self.column_rule(column);
                faults.add(
                    &rule,
                    misfit.row,
                    FaultKind::Error,
                    CANNOT_CONVERT,
                    String::new,
                );
            }
        }
        let converted = batch(self.schema().to_arrow(), arrays, rows);
        converted
            .map(|converted| (converted, lost))
            .map_err(|error| self.broken(&error))
    }

    /// Writes rows; `rows` says which row of the input each one is.
    fn write(
        &mut self,
        converted: &RecordBatch,
        rows: &[usize],
        faults: &mut BatchFaults,
    ) -> Result<(), ComponentError> {
        if rows.is_empty() {
            return Ok(());
        }
        // Rows that fail the component need no units of their own: the driver commits between.
        let unit = match self.target.options.commit_size {
            size if size != 0 && !self.fails() => usize::try_from(size).unwrap_or(rows.len()),
            _ => rows.len(),
        };
        let mut start = 0;
        while start < rows.len() {
            let count = unit.min(rows.len() - start);
            let part = converted.slice(start, count);
            let of_part = &rows[start..start + count];
            if let Err(error) = self.insert(&part) {
                self.judge(&part, of_part, error, faults)?;
            }
            start += count;
        }
        Ok(())
    }

    /// One unit. Where rows may be redirected all of it is committed, or none.
    fn insert(&mut self, part: &RecordBatch) -> Result<(), ConnectionError> {
        let Some(lease) = self.lease.clone() else {
            return Ok(());
        };
        let mut connection = lock(&lease);
        let at_the_end = self.target.options.commit_size == 0;
        if at_the_end && !self.own_transaction && !connection.in_transaction() {
            connection.begin()?;
            self.own_transaction = true;
        }
        let names: Vec<String> = self.columns.iter().map(|it| it.name.clone()).collect();
        let mut options = self.target.options.clone();
        if !self.fails() {
            options.commit_size = 0;
        }
        let schema = self.schema();
        let mut insert = connection.bulk_insert(&self.target.table, &names, &schema, &options)?;
        if let Err(error) = insert.write(part) {
            self.committed += insert.committed();
            return Err(error);
        }
        let written = insert.finish()?;
        if self.own_transaction {
            self.pending += written;
        } else {
            self.committed += written;
        }
        Ok(())
    }

    /// A unit was refused. Fast load gives all its rows up; otherwise those that are to blame
    /// are found one by one.
    fn judge(
        &mut self,
        part: &RecordBatch,
        rows: &[usize],
        error: ConnectionError,
        faults: &mut BatchFaults,
    ) -> Result<(), ComponentError> {
        let about_rows = matches!(
            error,
            ConnectionError::Constraint { .. }
                | ConnectionError::Value { .. }
                | ConnectionError::Statement { .. }
        );
        if self.fails() || !about_rows {
            return Err(self.refused(rows, &error));
        }
        let rule = self.rule.clone();
        if self.target.fast || rows.len() == 1 {
            let code = code_of(&error);
            for row in rows {
                faults.add(&rule, *row, FaultKind::Error, code, String::new);
            }
            return Ok(());
        }
        for (at, row) in rows.iter().enumerate() {
            let single = part.slice(at, 1);
            if let Err(error) = self.insert(&single) {
                self.judge(&single, &[*row], error, faults)?;
            }
        }
        Ok(())
    }

    fn fails(&self) -> bool {
        matches!(
            self.rule.on_error,
            Disposition::FailComponent | Disposition::NotUsed
        )
    }

    fn column_rule(&self, column: &WrittenColumn) -> Rule {
        Rule {
            column: Some(column.name.clone()),
            error_column: column.lineage_number,
            ..self.rule.clone()
        }
    }

    fn schema(&self) -> Schema {
        Schema::new(self.columns.iter().map(|column| Column {
            lineage_id: String::new(),
            name: column.name.clone(),
            data_type: column.to,
        }))
    }

    fn inform(&self, code: u32, what: &str) {
        let text = format!(
            "the final commit of the inserts into {} {what}",
            self.target.table
        );
        let message = self.message(code, text, None, None);
        self.services.events.raise(Severity::Information, message);
    }

    fn broken(&self, error: &arrow::error::ArrowError) -> ComponentError {
        failure(&self.component, COMPONENT_EXCEPTION, error.to_string())
    }
}
