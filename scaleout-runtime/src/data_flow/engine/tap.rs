//! Data taps: what goes over a path also goes into a CSV file.
//!
//! A tap never fails a data flow: where its file cannot be written, a warning says so and the rows
//! flow on without it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Pipeline;

use crate::convert::{ColumnReader, to_text};
use crate::data_flow::graph::{Edge, Graph};
use crate::data_flow::schema::Schema;
use crate::events::{Events, Message, Severity};
use crate::value::DataType;
use crate::watch::Tap;

/// Texts in a tap do not depend on the locale of the package: they are for programs, too.
const INVARIANT_LOCALE: u32 = 127;

/// The taps of one run, by edge.
#[derive(Default)]
pub struct Taps(Vec<Option<Mutex<TapFile>>>);

/// The file of one tap.
struct TapFile {
    tap: Tap,
    rows: u64,
    types: Vec<DataType>,
    /// `None` before the columns are known, and after a failure.
    writer: Option<csv::Writer<BufWriter<File>>>,
}

impl Taps {
    /// Finds the edge of each tap. A path that is not there is a warning.
    pub fn of(taps: Vec<Tap>, pipeline: &Pipeline, graph: &Graph, events: &dyn Events) -> Self {
        if taps.is_empty() {
            return Self::default();
        }
        let mut of_edge: Vec<Option<Mutex<TapFile>>> = Vec::new();
        of_edge.resize_with(graph.edges.len(), || None);
        for tap in taps {
            let mut edges = graph.edges.iter();
            match edges.position(|edge| is_path(pipeline, edge, &tap.path_id)) {
                Some(edge) => {
                    of_edge[edge] = Some(Mutex::new(TapFile {
                        tap,
                        rows: 0,
                        types: Vec::new(),
                        writer: None,
                    }));
                }
                None => warn(events, missing(&tap.path_id, pipeline, graph)),
            }
        }
        Self(of_edge)
    }

    /// The columns of an edge are known: its file is made.
    pub fn open(&self, edge: usize, schema: &Schema, events: &dyn Events) {
        self.with(edge, |file| {
            let Some(path) = file.tap.file.clone() else {
                let text = "SO4031: this process has no folder for the files of data taps; a worker \
                            makes `DataDumps` in its data folder when it starts";
                return warn(events, text.to_owned());
            };
            match create(&path, schema) {
                Ok(writer) => {
                    let columns = schema.columns.iter();
                    file.types = columns.map(|column| column.data_type).collect();
                    file.writer = Some(writer);
                }
                Err(error) => warn(events, failed(&path, &error)),
            }
        });
    }

    /// Rows go over an edge.
    pub fn write(&self, edge: usize, batch: &RecordBatch, events: &dyn Events) {
        self.with(edge, |file| {
            if let Err(error) = file.write(batch) {
                file.writer = None;
                if let Some(path) = &file.tap.file {
                    warn(events, failed(path, &error));
                }
            }
        });
    }

    /// The data flow has ended: says what is where.
    pub fn finish(&self, events: &dyn Events) {
        for edge in 0..self.0.len() {
            self.with(edge, |file| {
                let (Some(mut writer), Some(path)) = (file.writer.take(), &file.tap.file) else {
                    return;
                };
                let text = match writer.flush() {
                    Ok(()) => format!(
                        "the data tap on path `{}` wrote {} rows to {}",
                        file.tap.path_id,
                        file.rows,
                        path.display()
                    ),
                    Err(error) => return warn(events, failed(path, &error)),
                };
                events.raise(Severity::Information, Message::new(0, text));
            });
        }
    }

    fn with(&self, edge: usize, work: impl FnOnce(&mut TapFile)) {
        if let Some(Some(file)) = self.0.get(edge) {
            // A tap that panicked has at worst half a row more.
            work(&mut file.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl TapFile {
    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let left = self.tap.max_rows.saturating_sub(self.rows);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX);
        let count = batch.num_rows().min(wanted);
        let columns: Vec<ColumnReader<'_>> = batch
            .columns()
            .iter()
            .zip(&self.types)
            .map(|(column, data_type)| ColumnReader::new(column, *data_type))
            .collect();
        for row in 0..count {
            for (column, data_type) in columns.iter().zip(&self.types) {
                let value = column.value(row);
                let text = to_text(&value, *data_type, INVARIANT_LOCALE);
                writer.write_field(text.as_deref().unwrap_or_default())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        self.rows += count as u64;
        Ok(())
    }
}

/// `Paths[Component.Output]` as the designer shows it, `Paths[path]`, or the path's own reference.
fn is_path(pipeline: &Pipeline, edge: &Edge, path_id: &str) -> bool {
    let path = &pipeline.paths[edge.path];
    path.ref_id == path_id
        || path.ref_id.ends_with(&format!(".{path_id}"))
        || identification(pipeline, edge) == path_id
}

fn identification(pipeline: &Pipeline, edge: &Edge) -> String {
    let component = &pipeline.components[edge.from.component];
    let output = &component.outputs[edge.from.index];
    format!("Paths[{}.{}]", component.name, output.name)
}

fn missing(path_id: &str, pipeline: &Pipeline, graph: &Graph) -> String {
    let edges = graph.edges.iter();
    let known: Vec<String> = edges
        .map(|edge| format!("`{}`", identification(pipeline, edge)))
        .collect();
    format!(
        "SO4030: the data flow has no path `{path_id}` for a data tap; it has {}",
        known.join(", ")
    )
}

/// What goes through may be secret, so nobody else may read it.
fn create(path: &Path, schema: &Schema) -> io::Result<csv::Writer<BufWriter<File>>> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    let mut writer = csv::Writer::from_writer(BufWriter::new(file));
    writer.write_record(schema.columns.iter().map(|column| column.name.as_str()))?;
    Ok(writer)
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!(
        "SO4031: the file of a data tap, `{}`, could not be written: {error}; the rows flow on \
         without it",
        path.display()
    )
}

fn warn(events: &dyn Events, text: String) {
    events.raise(Severity::Warning, Message::new(0, text));
}

#[cfg(test)]
#[path = "tap_tests.rs"]
mod tests;
