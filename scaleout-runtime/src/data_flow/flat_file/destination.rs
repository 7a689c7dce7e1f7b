//! Flat File Destination: writes rows in the format of its connection manager, in place.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::{
    Component, Disposition, ExternalColumn, Input, InputColumn,
};
use scaleout_core::protocol::event::OutputNote;

use super::bind::{self, BindError};
use super::format::Format;
use super::message::{CANNOT_OPEN, CONVERSION_FAILED, Speaker, TEXT_KIND_MISMATCH};
use super::parse::is_text;
use super::reader::Place;
use super::writer::{Feed, RowWriter, Unfit};
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::paths;
use crate::services::Services;
use crate::validation::Problem;

/// Bytes that are collected before they are written.
const BUFFER: usize = 1 << 20;

/// The kind `Microsoft.FlatFileDestination`.
#[derive(Clone, Copy, Debug)]
pub struct FlatFileDestination;

impl ComponentKind for FlatFileDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.FlatFileDestination"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let path = bind::problem_path(cx.task_path, component);
        let kind = self.component_type();
        let format = match bind::settle(component, cx.services) {
            Ok((_, format)) => format,
            Err(error) => return vec![error.problem(&path, kind)],
        };
        let mut problems = Vec::new();
        for (column, input) in mapped(component) {
            if let Err(error) = file_column(component, input, column, &format) {
                problems.push(error.problem(&path, kind));
            }
            if is_other_kind_of_text(column, input, cx) {
                let text = format!(
                    "column \"{}\" cannot be converted between Unicode and non-Unicode text; \
                     put a Data Conversion before the destination",
                    column.name
                );
                let code = format!("0x{TEXT_KIND_MISMATCH:08X}");
                problems.push(Problem::error(&code, &path, kind, text));
            }
        }
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let failed = |error: BindError| ComponentError::failed(0, error.explained());
        let (_, format) = bind::settle(component, cx.services).map_err(failed)?;
        let local = paths::resolve(&format.path, &cx.services.settings).map_err(|error| {
            let text = format!(
                "data file \"{}\" of connection manager `{}` cannot be opened: {}",
                format.path,
                format.connection,
                error.explained()
            );
            ComponentError::failed(CANNOT_OPEN, text)
        })?;
        let feeds = feeds(component, &format, cx)?;
        let flag = |name: &str, default: bool| match component.property(name) {
            Some(text) => text.eq_ignore_ascii_case("true") || text == "1" || text == "-1",
            None => default,
        };
        let locale_id = match u32::try_from(component.locale_id) {
            Ok(own) if own != 0 => own,
            _ if format.locale_id != 0 => format.locale_id,
            _ => cx.services.locale_id,
        };
        let writer = RowWriter::new(&format, feeds, locale_id, flag("EscapeQualifier", false));
        let running = FileDestination {
            speaker: Speaker::new(&component.name, &format, &format.path, &local),
            header: component.property("Header").unwrap_or("").to_owned(),
            names: format.names_in_first_row,
            overwrite: flag("Overwrite", true),
            local,
            writer,
            services: cx.services.clone(),
            file: None,
            buffer: Vec::new(),
            rows: 0,
        };
        let outputs = component.outputs.iter();
        Ok(Built {
            component: Box::new(running),
            outputs: outputs
                .map(|_| crate::data_flow::schema::Schema::default())
                .collect(),
            is_destination: true,
        })
    }
}

/// The columns of all inputs that are mapped to a column of the file.
fn mapped(component: &Component) -> impl Iterator<Item = (&InputColumn, &Input)> {
    component.inputs.iter().flat_map(|input| {
        let columns = input.columns.iter();
        columns
            .filter(|column| !column.external_id.is_empty())
            .map(move |column| (column, input))
    })
}

fn file_column(
    component: &Component,
    input: &Input,
    column: &InputColumn,
    format: &Format,
) -> Result<usize, BindError> {
    bind::file_column(
        format,
        &input.external_columns,
        &column.external_id,
        &column.name,
    )
    .ok_or_else(|| BindError::NoSuchColumn {
        component: component.name.clone(),
        column: column.name.clone(),
        connection: format.connection.clone(),
    })
}

/// What each column of the file is fed with.
fn feeds(
    component: &Component,
    format: &Format,
    cx: &BuildContext<'_>,
) -> Result<Vec<Option<Feed>>, ComponentError> {
    let mut feeds = vec![None; format.columns.len()];
    let Some(Some(schema)) = cx.inputs.first() else {
        return Ok(feeds);
    };
    for (column, input) in mapped(component) {
        let at = file_column(component, input, column, format)
            .map_err(|error| ComponentError::failed(0, error.explained()))?;
        let Some(index) = schema.index_of(&column.lineage_id) else {
            let text = format!(
                "column \"{}\" of component `{}` does not reach it; map it again in the package",
                column.name, component.name
            );
            return Err(ComponentError::failed(0, text));
        };
        let dispositions = [
            column.truncation_row_disposition,
            input.truncation_row_disposition,
        ];
        feeds[at] = Some(Feed {
            index,
            data_type: schema.columns[index].data_type,
            cuts_text: dispositions.contains(&Disposition::IgnoreFailure),
        });
    }
    Ok(feeds)
}

/// Unicode text for a column that is not, or the reverse.
fn is_other_kind_of_text(column: &InputColumn, input: &Input, cx: &BuildContext<'_>) -> bool {
    let external = |external: &&ExternalColumn| external.id == column.external_id;
    let wanted = input.external_columns.iter().find(external);
    let schema = cx.inputs.first().and_then(Option::as_ref);
    let flowing = schema.and_then(|schema| {
        let index = schema.index_of(&column.lineage_id)?;
        Some(schema.columns[index].data_type)
    });
    let (Some(from), Some(to)) = (
        flowing.or(column.data_type),
        wanted.and_then(|wanted| wanted.data_type),
    ) else {
        return false;
    };
    is_text(from) && is_text(to) && is_unicode(from) != is_unicode(to)
}

fn is_unicode(data_type: DataType) -> bool {
    matches!(data_type, DataType::Wstr { .. } | DataType::Ntext)
}

/// A Flat File Destination that runs.
struct FileDestination {
    speaker: Speaker,
    local: PathBuf,
    header: String,
    names: bool,
    overwrite: bool,
    writer: RowWriter,
    services: Services,
    file: Option<File>,
    buffer: Vec<u8>,
    rows: u64,
}

impl RunningComponent for FileDestination {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let (file, is_new) = open(&self.local, self.overwrite).map_err(|error| {
            let message = self.speaker.cannot_open(&in_words(&self.local, &error));
            ComponentError::Failed(Box::new(message))
        })?;
        self.file = Some(file);
        if is_new {
            let started = self
                .writer
                .start(&self.header, self.names, &mut self.buffer);
            started.map_err(|unfit| self.unfit(&unfit))?;
        }
        self.speaker.started(&*self.services.events);
        Ok(())
    }

    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        _out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let written = self.writer.rows(&batch, &mut self.buffer);
        if written.is_err() || BUFFER <= self.buffer.len() {
            self.flush()?;
        }
        written.map_err(|unfit| self.unfit(&unfit))?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        self.flush()?;
        self.file = None;
        let events = &*self.services.events;
        self.speaker.finished(events, self.rows, "written");
        events.output(OutputNote {
            component: self.speaker.component.clone(),
            target: self.local.display().to_string(),
        });
        Ok(())
    }
}

impl FileDestination {
    fn flush(&mut self) -> Result<(), ComponentError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let written = file.write_all(&self.buffer).and_then(|()| file.flush());
        self.buffer.clear();
        written.map_err(|error| {
            let text = format!(
                "writing file \"{}\" failed: {}",
                self.speaker.file,
                in_words(&self.local, &error)
            );
            ComponentError::Failed(Box::new(self.speaker.message(CANNOT_OPEN, text)))
        })
    }

    fn unfit(&self, unfit: &Unfit) -> ComponentError {
        let row = self.rows + unfit.row as u64 + 1;
        let text = format!(
            "conversion failed for column \"{}\" at row {row} for file \"{}\": status 4, text \"{}\"",
            unfit.column, self.speaker.file, unfit.reason
        );
        let message = self.speaker.message(CONVERSION_FAILED, text);
        let place = Place { row, byte: None };
        let message = self.speaker.at(message, place, Some(&unfit.column));
        ComponentError::Failed(Box::new(message))
    }
}

/// The file, and whether it has no content yet.
fn open(local: &Path, overwrite: bool) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    if overwrite {
        options.truncate(true);
    } else {
        options.append(true);
    }
    let file = options.open(local)?;
    let is_new = file.metadata()?.len() == 0;
    Ok((file, is_new))
}

fn in_words(local: &Path, error: &io::Error) -> String {
    let folder = local.parent().filter(|folder| *folder != Path::new(""));
    match error.kind() {
        io::ErrorKind::NotFound => match folder.filter(|folder| !folder.exists()) {
            Some(folder) => format!(
                "the folder `{}` does not exist; create it before the data flow starts",
                folder.display()
            ),
            None => error.to_string(),
        },
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "permission denied; let the worker's user write it".to_owned()
        }
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}
