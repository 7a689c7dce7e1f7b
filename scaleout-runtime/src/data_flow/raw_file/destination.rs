//! Raw File Destination: writes rows as they are.

use std::path::PathBuf;

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;
use scaleout_core::protocol::event::OutputNote;

use super::header::{Header, HeaderColumn};
use super::settings::{local_path, written_path};
use super::writer::RawWriter;
use crate::data_flow::codes;
use crate::data_flow::columns;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::schema::{Column, Schema};
use crate::data_flow::transforms::{built, only_input, refused, settings_problem};
use crate::services::Services;
use crate::validation::Problem;

/// `Microsoft.RawDestination`
pub struct RawFileDestination;

impl ComponentKind for RawFileDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.RawDestination"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        settings_problem(component, cx, Running::new)
            .into_iter()
            .collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let running = Running::new(component, cx)?;
        Ok(Built {
            is_destination: true,
            ..built(running, component, cx)
        })
    }
}

/// `WriteOption`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteOption {
    CreateAlways,
    CreateOnce,
    Append,
    TruncateAndAppend,
}

struct Running {
    component: Component,
    /// The file as the package names it, and its place once the run begins.
    written: String,
    path: PathBuf,
    option: WriteOption,
    header: Header,
    schema: Schema,
    /// For each column of the file, its position in the input.
    positions: Vec<usize>,
    writer: Option<RawWriter>,
    services: Services,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, arriving) = only_input(component, cx)?;
        let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
        let option = match component.property("WriteOption").map_or("0", str::trim) {
            "" | "0" => WriteOption::CreateAlways,
            "1" => WriteOption::CreateOnce,
            "2" => WriteOption::Append,
            "3" => WriteOption::TruncateAndAppend,
            other => return Err(wrong(&format!("has the unknown WriteOption {other}"))),
        };
        let mut columns = Vec::new();
        let mut positions = Vec::new();
        for column in &input.columns {
            let position = arriving.index_of(&column.lineage_id).ok_or_else(|| {
                wrong(&format!(
                    "writes column `{}`, which does not arrive",
                    column.name
                ))
            })?;
            positions.push(position);
            columns.push(HeaderColumn {
                name: column.name.clone(),
                data_type: arriving.columns[position].data_type,
                sort_key_position: column.sort_key_position,
            });
        }
        if columns.is_empty() {
            return Err(wrong("writes no column; select at least one"));
        }
        let header = Header { columns };
        let schema = Schema::new(header.columns.iter().map(|column| Column {
            lineage_id: String::new(),
            name: column.name.clone(),
            data_type: column.data_type,
        }));
        Ok(Self {
            component: component.clone(),
            path: PathBuf::new(),
            written: written_path(component, cx)?,
            option,
            header,
            schema,
            positions,
            writer: None,
            services: cx.services.clone(),
        })
    }

    fn open(&self) -> Result<RawWriter, ComponentError> {
        let keep_rows = match self.option {
            WriteOption::CreateAlways => {
                return Ok(RawWriter::create(&self.path, &self.header, false)?);
            }
            WriteOption::CreateOnce => {
                return Ok(RawWriter::create(&self.path, &self.header, true)?);
            }
            WriteOption::Append if !self.path.exists() => {
                return Ok(RawWriter::create(&self.path, &self.header, true)?);
            }
            WriteOption::Append => true,
            WriteOption::TruncateAndAppend => false,
        };
        let (writer, header) = RawWriter::open(&self.path, keep_rows)?;
        let names = |header: &Header| -> Vec<String> {
            let columns = header.columns.iter();
            columns
                .map(|column| format!("{} {:?}", column.name, column.data_type))
                .collect()
        };
        let (own, other) = (names(&self.header), names(&header));
        if own != other {
            let what = format!(
                "cannot append to raw file `{}`: it has the columns {}, and the rows have {}",
                self.path.display(),
                other.join(", "),
                own.join(", ")
            );
            let code = codes::COLUMN_METADATA_MISMATCH;
            return Err(refused(&self.component, code, &what));
        }
        Ok(writer)
    }
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let (name, settings) = (&self.component.name, &self.services.settings);
        self.path = local_path(name, &self.written, settings)?;
        self.writer = Some(self.open()?);
        Ok(())
    }

    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        _out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let arrays = self.positions.iter();
        let arrays = arrays.map(|position| batch.column(*position).clone());
        let written = columns::batch(self.schema.to_arrow(), arrays.collect(), batch.num_rows());
        let written = written.map_err(arrow_failure)?;
        match &mut self.writer {
            Some(writer) => Ok(writer.write(&written)?),
            None => Ok(()),
        }
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        if let Some(writer) = self.writer.take() {
            writer.finish()?;
        }
        self.services.events.output(OutputNote {
            component: self.component.name.clone(),
            target: self.path.display().to_string(),
        });
        Ok(())
    }
}
