//! Flat File Source while it runs: file after file, each with what is said about it.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::Disposition;

use super::batching::Run;
use super::chunk::{WORTH_A_THREAD, each_chunk};
use super::encoding::Codec;
use super::format::Format;
use super::message::{Speaker, notice, read_error};
use super::parse::CellParser;
use super::reader::{Notice, ReadError, Reader};
use super::redirect::ErrorOutput;
use crate::data_flow::component::{ComponentError, Outputs, RunningComponent};
use crate::data_flow::schema::Schema;
use crate::events::Severity;
use crate::services::Services;

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
    /// Whether there are values of it at all: a column that nobody reads is only looked at where a field
    /// that is no value sends its row elsewhere (`RunInOptimizedMode`).
    pub is_read: bool,
    pub on_error: Disposition,
    pub on_truncation: Disposition,
    /// What `ErrorColumn` says for it.
    pub lineage_number: i32,
}

/// A Flat File Source that runs.
pub(super) struct FileSource {
    pub scan: Scan,
    pub format: Format,
    /// Encoding of the fields.
    pub codec: Codec,
    /// Path in the package, path here.
    files: Vec<(String, PathBuf)>,
    pub services: Services,
    opened: Vec<Opened>,
}

/// A file before its first row.
struct Opened {
    speaker: Speaker,
    reader: Reader<File>,
    /// Bytes, where that is known.
    length: u64,
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

    fn open(&self, path: &str, local: &Path) -> Result<Opened, ComponentError> {
        let speaker = Speaker::new(&self.scan.component, &self.format, path, local);
        let file = open_file(local)
            .map_err(|reason| ComponentError::Failed(Box::new(speaker.cannot_open(&reason))))?;
        let length = file.metadata().map_or(0, |file| file.len());
        let reader =
            Reader::open(file, &self.format).map_err(|error| self.read_failed(&speaker, &error))?;
        Ok(Opened {
            speaker,
            reader,
            length,
        })
    }

    /// Says what is wrong with the file; the error that comes back names the row.
    pub(super) fn read_failed(&self, speaker: &Speaker, error: &ReadError) -> ComponentError {
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
        while let Some(Opened {
            speaker,
            mut reader,
            length,
        }) = self.opened.pop()
        {
            speaker.started(&*self.services.events);
            let path = self.files[self.files.len() - 1 - self.opened.len()]
                .0
                .clone();
            let mut run = Run::new(self, &speaker, &path);
            run.notices = reader.notices();
            let result = each_chunk(reader, length >= WORTH_A_THREAD, &mut |chunk| {
                run.chunk(chunk, out)
            });
            let notices = std::mem::take(&mut run.notices);
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
            speaker.finished(&*self.services.events, run.rows, "read");
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
