//! The rows of one file on their way to batches, bad rows by their disposition.

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use scaleout_core::package::pipeline::Disposition;

use super::chunk::{Chunk, Next};
use super::message::{READING_FAILED, Speaker, VALUE_NOT_CONVERTED, VALUE_TRUNCATED};
use super::parse::{CellError, Scratch};
use super::reader::{Notice, Place, Row};
use super::redirect::{Redirected, line};
use super::scan::{Cell, FileSource};
use super::split::FieldForm;
use crate::convert::ColumnBuilder;
use crate::data_flow::columns;
use crate::data_flow::component::{ComponentError, Outputs};
use crate::events::{Message, Severity};

/// Bytes of the file that one batch may cover, so that wide rows do not pile up.
const BATCH_BYTES: usize = 8 << 20;

/// What to do with a row after one of its fields.
enum Verdict {
    Good,
    Redirect { code: u32, column: i32 },
}

/// One file on its way to batches.
pub(super) struct Run<'a> {
    source: &'a FileSource,
    speaker: &'a Speaker,
    path: &'a str,
    arrow_schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
    /// For each row in `columns`: not redirected.
    kept: Vec<bool>,
    redirected: Vec<Redirected>,
    bytes: usize,
    scratch: Scratch,
    unescaped: Vec<u8>,
    pub short: Option<ShortRows>,
    /// Rows read.
    pub rows: u64,
    /// What is worth a warning about them.
    pub notices: Vec<Notice>,
}

/// Rows that ended before their last column.
#[derive(Clone, Copy)]
pub(super) struct ShortRows {
    pub count: u64,
    pub first: Place,
    /// Columns that the first of them had.
    pub present: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(source: &'a FileSource, speaker: &'a Speaker, path: &'a str) -> Self {
        let scan = &source.scan;
        let rows = scan.batch_rows.min(100_000);
        let cells = scan.cells.iter();
        Self {
            source,
            speaker,
            path,
            arrow_schema: scan.schema.to_arrow(),
            columns: cells
                .map(|cell| ColumnBuilder::new(cell.data_type, rows))
                .collect(),
            kept: Vec::with_capacity(rows),
            redirected: Vec::new(),
            bytes: 0,
            scratch: Scratch::default(),
            unescaped: Vec::new(),
            short: None,
            rows: 0,
            notices: Vec::new(),
        }
    }

    /// Reads some rows, up to the first that fails.
    pub(super) fn chunk(
        &mut self,
        chunk: &mut Chunk,
        out: &mut dyn Outputs,
    ) -> Result<Next, ComponentError> {
        let mut notices = chunk.notices();
        let mut rows = chunk.rows().peekable();
        while let Some(row) = rows.next() {
            self.rows += 1;
            let read = self.row(&row);
            if rows.peek().is_none() {
                // They are about the end of the file, which is behind the last row.
                self.notices.append(&mut notices);
            }
            read?;
            if self.source.scan.batch_rows <= self.kept.len() || BATCH_BYTES <= self.bytes {
                self.source.services.cancel.check()?;
                self.flush(out)?;
            }
        }
        drop(rows);
        self.notices.append(&mut notices);
        match chunk.end() {
            None => Ok(Next::More),
            Some(Ok(())) => self.flush(out).map(|()| Next::Done),
            Some(Err(error)) => {
                let failed = self.source.read_failed(self.speaker, &error);
                self.flush(out)?;
                Err(failed)
            }
        }
    }

    fn note_short(&mut self, row: &Row<'_>) {
        // Columns go missing from the end, so the last one tells.
        if row
            .fields
            .last()
            .is_none_or(|field| field.form != FieldForm::Missing)
        {
            return;
        }
        let count_present = || {
            row.fields
                .iter()
                .take_while(|field| field.form != FieldForm::Missing)
                .count()
        };
        let short = self.short.get_or_insert_with(|| ShortRows {
            count: 0,
            first: row.place,
            present: count_present(),
        });
        short.count += 1;
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), ComponentError> {
        self.note_short(row);
        let mut verdict = Verdict::Good;
        for index in 0..self.source.scan.cells.len() {
            if matches!(verdict, Verdict::Redirect { .. }) {
                self.columns[index].push_null();
                continue;
            }
            if let Err(error) = self.cell(index, row) {
                verdict = self.judge(index, error, row.place)?;
            }
        }
        self.bytes += row.data.len();
        self.kept.push(matches!(verdict, Verdict::Good));
        if let Verdict::Redirect { code, column } = verdict
            && self.source.scan.errors.is_some()
        {
            let line = line(&self.source.codec, row.data);
            self.redirected.push(Redirected { line, code, column });
        }
        Ok(())
    }

    fn cell(&mut self, index: usize, row: &Row<'_>) -> Result<(), CellError> {
        let cell = &self.source.scan.cells[index];
        let column = &mut self.columns[index];
        let Some(field) = cell.source.map(|source| row.fields[source]) else {
            column.push_text(self.path);
            return Ok(());
        };
        let data = match field.form {
            FieldForm::Missing => {
                column.push_null();
                return Ok(());
            }
            FieldForm::Plain => &row.data[field.start..field.end],
            FieldForm::Escaped => {
                let raw = &row.data[field.start..field.end];
                unescape(raw, &self.source.format.qualifier, &mut self.unescaped);
                &self.unescaped
            }
        };
        cell.parser
            .push(data, &self.source.codec, &mut self.scratch, column)
    }

    /// Applies the disposition to a field that is no value; the column gets a null.
    fn judge(
        &mut self,
        index: usize,
        error: CellError,
        place: Place,
    ) -> Result<Verdict, ComponentError> {
        let cell = &self.source.scan.cells[index];
        let (disposition, code) = match error {
            CellError::Invalid => (cell.on_error, VALUE_NOT_CONVERTED),
            CellError::Truncated => (cell.on_truncation, VALUE_TRUNCATED),
        };
        match disposition {
            Disposition::FailComponent | Disposition::NotUsed => Err(self.fail(cell, error, place)),
            Disposition::IgnoreFailure => {
                self.columns[index].push_null();
                Ok(Verdict::Good)
            }
            Disposition::RedirectRow => {
                self.columns[index].push_null();
                Ok(Verdict::Redirect {
                    code,
                    column: cell.lineage_number,
                })
            }
        }
    }

    fn fail(&self, cell: &Cell, error: CellError, place: Place) -> ComponentError {
        let name = cell.name.as_str();
        for message in self.speaker.unconverted(name, cell.data_type, error, place) {
            self.source.services.events.raise(Severity::Error, message);
        }
        ComponentError::Failed(Box::new(self.speaker.failed_at(place, Some(name))))
    }

    fn flush(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        self.bytes = 0;
        let rows = self.kept.len();
        if 0 < rows {
            let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
            let batch = columns::batch(self.arrow_schema.clone(), arrays, rows);
            let batch = batch.map_err(|error| self.internal(&error))?;
            let kept = BooleanArray::from(std::mem::take(&mut self.kept));
            let batch = match kept.false_count() {
                0 => batch,
                _ => filter_record_batch(&batch, &kept).map_err(|error| self.internal(&error))?,
            };
            if 0 < batch.num_rows() {
                out.send(self.source.scan.output, batch)?;
            }
        }
        self.flush_redirected(out)
    }

    fn flush_redirected(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let redirected = std::mem::take(&mut self.redirected);
        let Some(errors) = &self.source.scan.errors else {
            return Ok(());
        };
        if redirected.is_empty() {
            return Ok(());
        }
        let batch = errors.batch(&redirected);
        out.send(errors.output, batch.map_err(|error| self.internal(&error))?)
    }

    fn internal(&self, error: &arrow::error::ArrowError) -> ComponentError {
        let text = format!(
            "rows of file \"{}\" make no batch: {error}",
            self.speaker.file
        );
        let message: Message = self.speaker.message(READING_FAILED, text);
        ComponentError::Failed(Box::new(message))
    }
}

/// Undoubles the qualifiers of a field.
fn unescape(raw: &[u8], qualifier: &[u8], into: &mut Vec<u8>) {
    into.clear();
    let mut rest = raw;
    while let Some(at) = memchr::memmem::find(rest, qualifier) {
        into.extend_from_slice(&rest[..at + qualifier.len()]);
        // A lone qualifier cannot be here: it would have closed the field.
        rest = rest.get(at + 2 * qualifier.len()..).unwrap_or(&[]);
    }
    into.extend_from_slice(rest);
}
