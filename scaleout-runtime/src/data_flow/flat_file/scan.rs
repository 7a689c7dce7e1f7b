//! Flat File Source while it runs: rows to batches, bad rows by their disposition.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::Disposition;

use super::encoding::Codec;
use super::format::Format;
use super::message::{
    READING_FAILED, Speaker, VALUE_NOT_CONVERTED, VALUE_TRUNCATED, notice, read_error,
};
use super::parse::{CellError, CellParser, Scratch};
use super::reader::{Notice, Place, ReadError, Reader, Row};
use super::redirect::{ErrorOutput, Redirected, line};
use super::split::FieldForm;
use crate::convert::ColumnBuilder;
use crate::data_flow::columns;
use crate::data_flow::component::{ComponentError, Outputs, RunningComponent};
use crate::data_flow::schema::Schema;
use crate::events::{Message, Severity};
use crate::services::Services;

/// Bytes of the file that one batch may cover, so that wide rows do not pile up.
const BATCH_BYTES: usize = 8 << 20;

/// What to make of the rows.
pub(super) struct Scan {
    pub component: String,
    /// One for each column of the output.
    pub cells: Vec<Cell>,
    /// Index of the output for good rows.
    pub output: usize,
    pub schema: Schema,
    pub errors: Option<ErrorOutput>,
    pub batch_rows: usize,
}

/// One column of the output.
pub(super) struct Cell {
    pub name: String,
    /// Column of the file; `None` for the file's own name.
    pub source: Option<usize>,
    pub data_type: DataType,
    pub parser: CellParser,
    pub on_error: Disposition,
    pub on_truncation: Disposition,
    /// What `ErrorColumn` says for it.
    pub lineage_number: i32,
}

/// A Flat File Source that runs.
pub(super) struct FileSource {
    scan: Scan,
    format: Format,
    /// Encoding of the fields.
    codec: Codec,
    /// Path in the package, path here.
    files: Vec<(String, PathBuf)>,
    services: Services,
    opened: Vec<(Speaker, Reader<File>)>,
}

impl FileSource {
    pub(super) fn new(
        scan: Scan,
        format: Format,
        files: Vec<(String, PathBuf)>,
        services: Services,
    ) -> Self {
        let opened = Vec::new();
        Self {
            scan,
            codec: format.field_codec(),
            format,
            files,
            services,
            opened,
        }
    }

    fn open(&self, path: &str, local: &Path) -> Result<(Speaker, Reader<File>), ComponentError> {
        let speaker = Speaker::new(&self.scan.component, &self.format, path, local);
        let file = open_file(local)
            .map_err(|reason| ComponentError::Failed(Box::new(speaker.cannot_open(&reason))))?;
        let reader =
            Reader::open(file, &self.format).map_err(|error| self.read_failed(&speaker, &error))?;
        Ok((speaker, reader))
    }

    /// Says what is wrong with the file; the error that comes back names the row.
    fn read_failed(&self, speaker: &Speaker, error: &ReadError) -> ComponentError {
        let (detail, place) = read_error(speaker, &self.format, error);
        let Some(place) = place else {
            return ComponentError::Failed(Box::new(detail));
        };
        let column = detail.column.clone();
        self.services.events.raise(Severity::Error, detail);
        ComponentError::Failed(Box::new(speaker.failed_at(place, column.as_deref())))
    }
}

impl RunningComponent for FileSource {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        // All files are looked at before the first row of any.
        for (path, local) in &self.files {
            let opened = self.open(path, local)?;
            self.opened.push(opened);
        }
        self.opened.reverse();
        Ok(())
    }

    fn prime_output(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        while let Some((speaker, mut reader)) = self.opened.pop() {
            speaker.started(&*self.services.events);
            let path = self.files[self.files.len() - 1 - self.opened.len()]
                .0
                .clone();
            let mut run = Run::new(self, &speaker, &path);
            let result = run.all(&mut reader, out);
            let notices = reader.notices();
            // The incomplete row at the end of a file has a warning of its own.
            let last_is_partial = |seen: &&Notice| matches!(seen, Notice::PartialRowKept(_));
            let told = notices.iter().filter(last_is_partial).count() as u64;
            if let Some(short) = run.short.filter(|short| told < short.count) {
                let (count, declared) = (short.count - told, self.format.columns.len());
                let warning = speaker.short_rows(count, short.first, short.present, declared);
                self.services.events.raise(Severity::Warning, warning);
            }
            for seen in notices {
                let warning = notice(&speaker, seen);
                self.services.events.raise(Severity::Warning, warning);
            }
            result?;
            speaker.finished(&*self.services.events, reader.rows(), "read");
        }
        Ok(())
    }

    fn process_input(
        &mut self,
        _input: usize,
        _batch: RecordBatch,
        _out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        Ok(())
    }
}

/// Opens a file, or says in words why not.
fn open_file(local: &Path) -> Result<File, String> {
    if local.is_dir() {
        return Err("it is a folder".to_owned());
    }
    File::open(local).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => match local.parent().filter(|folder| !folder.exists()) {
            Some(folder) if folder != Path::new("") => {
                format!("the folder `{}` does not exist", folder.display())
            }
            _ => "the file does not exist".to_owned(),
        },
        std::io::ErrorKind::PermissionDenied => {
            "permission denied; let the worker's user read it".to_owned()
        }
        _ => error.to_string(),
    })
}

/// What to do with a row after one of its fields.
enum Verdict {
    Good,
    Redirect { code: u32, column: i32 },
}

/// One file on its way to batches.
struct Run<'a> {
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
    short: Option<ShortRows>,
}

/// Rows that ended before their last column.
#[derive(Clone, Copy)]
struct ShortRows {
    count: u64,
    first: Place,
    /// Columns that the first of them had.
    present: usize,
}

impl<'a> Run<'a> {
    fn new(source: &'a FileSource, speaker: &'a Speaker, path: &'a str) -> Self {
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

    fn all(
        &mut self,
        reader: &mut Reader<File>,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        loop {
            match reader.next_row() {
                Ok(Some(row)) => self.row(&row)?,
                Ok(None) => break,
                Err(error) => {
                    let failed = self.source.read_failed(self.speaker, &error);
                    self.flush(out)?;
                    return Err(failed);
                }
            }
            if self.source.scan.batch_rows <= self.kept.len() || BATCH_BYTES <= self.bytes {
                self.source.services.cancel.check()?;
                self.flush(out)?;
            }
        }
        self.flush(out)
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
