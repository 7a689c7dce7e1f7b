//! The rows of one file on their way to batches, bad rows by their disposition.

use std::ops::Range;

use arrow::array::{BooleanArray, new_null_array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use scaleout_core::package::pipeline::Disposition;

use super::chunk::{Chunk, Next};
use super::message::{READING_FAILED, Speaker, VALUE_NOT_CONVERTED, VALUE_TRUNCATED};
use super::parse::{CellError, Scratch};
use super::reader::{Notice, Place};
use super::redirect::{Redirected, line};
use super::scan::{Cell, FileSource};
use super::split::{Field, FieldForm};
use crate::convert::{ColumnBuilder, arrow_type};
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
    /// Fields of the rows at hand that are no values.
    unread: Vec<Unread>,
    pub short: Option<ShortRows>,
    /// Rows read.
    pub rows: u64,
    /// What is worth a warning about them.
    pub notices: Vec<Notice>,
}

/// A field that is no value.
struct Unread {
    /// Row of the chunk.
    row: usize,
    /// Column of the output.
    cell: usize,
    error: CellError,
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
            unread: Vec::new(),
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
        let mut from = 0;
        while from < chunk.len() {
            let until = self.end_of_part(chunk, from);
            let read = self.part(chunk, from..until);
            if until == chunk.len() {
                // They are about the end of the file, which is behind the last row.
                self.notices.append(&mut notices);
            }
            read?;
            if self.is_full() {
                self.source.services.cancel.check()?;
                self.flush(out)?;
            }
            from = until;
        }
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

    fn is_full(&self) -> bool {
        self.source.scan.batch_rows <= self.kept.len() || BATCH_BYTES <= self.bytes
    }

    /// Behind the last row that still belongs to the batch.
    fn end_of_part(&self, chunk: &Chunk, from: usize) -> usize {
        let room = self
            .source
            .scan
            .batch_rows
            .saturating_sub(self.kept.len())
            .max(1);
        let mut bytes = self.bytes;
        for row in from..chunk.len().min(from + room) {
            bytes += chunk.row(row).len();
            if BATCH_BYTES <= bytes {
                return row + 1;
            }
        }
        chunk.len().min(from + room)
    }

    /// Reads some rows, column by column: one column after the other is the same work many times.
    fn part(&mut self, chunk: &Chunk, rows: Range<usize>) -> Result<(), ComponentError> {
        let text = chunk.text();
        for index in 0..self.source.scan.cells.len() {
            self.column(index, chunk, text, rows.clone());
        }
        self.bytes += chunk.size(rows.clone());
        if self.unread.is_empty() {
            self.rows += rows.len() as u64;
            self.kept.resize(self.kept.len() + rows.len(), true);
            rows.for_each(|row| self.note_short(chunk, row));
            return Ok(());
        }
        // By row; of one row, by column.
        self.unread.sort_by_key(|unread| unread.row);
        let mut unread = std::mem::take(&mut self.unread).into_iter().peekable();
        for row in rows {
            self.rows += 1;
            self.note_short(chunk, row);
            let mut verdict = Verdict::Good;
            while let Some(one) = unread.next_if(|one| one.row == row) {
                if matches!(verdict, Verdict::Good) {
                    verdict = self.judge(one.cell, one.error, chunk.place(row))?;
                }
            }
            self.kept.push(matches!(verdict, Verdict::Good));
            if let Verdict::Redirect { code, column } = verdict
                && self.source.scan.errors.is_some()
            {
                let line = line(&self.source.codec, chunk.row(row));
                self.redirected.push(Redirected { line, code, column });
            }
        }
        Ok(())
    }

    /// Reads one column of some rows. A field that is no value becomes a null, and is judged later.
    fn column(&mut self, index: usize, chunk: &Chunk, text: Option<&str>, rows: Range<usize>) {
        let cell = &self.source.scan.cells[index];
        if !cell.is_read {
            return;
        }
        let column = &mut self.columns[index];
        let Some(source) = cell.source else {
            rows.for_each(|_| column.push_text(self.path));
            return;
        };
        let codec = &self.source.codec;
        for (row, field) in rows.clone().zip(chunk.column(rows, source)) {
            let content = field.content();
            let pushed = match (field.form(), text) {
                (FieldForm::Missing, _) => {
                    column.push_null();
                    continue;
                }
                (FieldForm::Plain, Some(text)) => cell.parser.push_plain(&text[content], column),
                (FieldForm::Plain, None) => {
                    let bytes = &chunk.data()[content];
                    cell.parser.push(bytes, codec, &mut self.scratch, column)
                }
                (FieldForm::Escaped, _) => {
                    let raw = &chunk.data()[content];
                    unescape(raw, &self.source.format.qualifier, &mut self.unescaped);
                    let bytes = &self.unescaped;
                    cell.parser.push(bytes, codec, &mut self.scratch, column)
                }
            };
            if let Err(error) = pushed {
                column.push_null();
                self.unread.push(Unread {
                    row,
                    cell: index,
                    error,
                });
            }
        }
    }

    fn note_short(&mut self, chunk: &Chunk, row: usize) {
        let is_missing = |field: &Field| field.form() == FieldForm::Missing;
        let fields = chunk.fields(row);
        // Columns go missing from the end, so the last one tells.
        if fields.last().is_none_or(|field| !is_missing(field)) {
            return;
        }
        let short = self.short.get_or_insert_with(|| ShortRows {
            count: 0,
            first: chunk.place(row),
            present: fields.iter().take_while(|field| !is_missing(field)).count(),
        });
        short.count += 1;
    }

    /// Applies the disposition to a field that is no value.
    fn judge(
        &self,
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
            Disposition::IgnoreFailure => Ok(Verdict::Good),
            Disposition::RedirectRow => Ok(Verdict::Redirect {
                code,
                column: cell.lineage_number,
            }),
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
            let cells = self.source.scan.cells.iter().zip(&mut self.columns);
            let arrays = cells.map(|(cell, column)| match cell.is_read {
                true => column.finish_part(),
                false => new_null_array(&arrow_type(cell.data_type), rows),
            });
            let batch = columns::batch(self.arrow_schema.clone(), arrays.collect(), rows);
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
