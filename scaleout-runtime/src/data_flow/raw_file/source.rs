//! Raw File Source: the rows of a raw file as they were written.

use std::path::PathBuf;

use arrow::array::RecordBatch;
use scaleout_core::package::pipeline::{Component, Output, OutputColumn};

use super::reader::RawReader;
use super::settings::{local_path, written_path};
use crate::data_flow::codes;
use crate::data_flow::columns;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::{Circumstances, convert_column};
use crate::data_flow::transforms::{built, main_output, problem_of, refused};
use crate::validation::Problem;
use crate::value::DataType;

/// `Microsoft.RawSource`
pub struct RawFileSource;

impl ComponentKind for RawFileSource {
    fn component_type(&self) -> &'static str {
        "Microsoft.RawSource"
    }

    /// Only the settings: the file may not be there before another task has written it.
    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let error = written_path(component, cx).err();
        error
            .and_then(|error| problem_of(component, cx, error))
            .into_iter()
            .collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let written = written_path(component, cx)?;
        let running = Running {
            component: component.clone(),
            path: local_path(&component.name, &written, &cx.services.settings)?,
            output,
            schema: Schema::of_output_columns(columns),
            batch_rows: cx.batch_rows.max(1),
            locale_id: cx.services.locale_id,
            open: None,
        };
        Ok(built(running, component, cx))
    }
}

struct Running {
    component: Component,
    path: PathBuf,
    output: usize,
    schema: Schema,
    batch_rows: usize,
    locale_id: u32,
    open: Option<Open>,
}

/// The file, and where it has each output column, with its type there.
struct Open {
    reader: RawReader,
    places: Vec<(usize, DataType)>,
}

impl Running {
    fn place(
        &self,
        column: &OutputColumn,
        file: &Schema,
    ) -> Result<(usize, DataType), ComponentError> {
        let name = name_in_file(&self.component.outputs[self.output], column);
        let columns = file.columns.iter();
        let found = columns.clone().position(|column| column.name == name);
        let found = found.or_else(|| {
            let mut columns = columns.clone();
            columns.position(|column| column.name.eq_ignore_ascii_case(name))
        });
        let path = self.path.display();
        let Some(position) = found else {
            let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            let text = format!(
                "raw file `{path}` has no column `{name}`; it has: {}; refresh the columns of component `{}`",
                names.join(", "),
                self.component.name
            );
            return Err(ComponentError::failed(codes::COLUMN_NOT_FOUND, text));
        };
        let data_type = file.columns[position].data_type;
        if std::mem::discriminant(&data_type) != std::mem::discriminant(&column.data_type) {
            let what = format!(
                "expects column `{name}` of raw file `{path}` as `{}`, and it is `{}`; refresh the columns of the component",
                column.data_type.name(),
                data_type.name()
            );
            let code = codes::COLUMN_METADATA_MISMATCH;
            return Err(refused(&self.component, code, &what));
        }
        Ok((position, data_type))
    }

    /// The rows of one block, from the first row of the file on, as the output has them.
    fn adapted(
        &self,
        block: &RecordBatch,
        places: &[(usize, DataType)],
        first_row: u64,
    ) -> Result<RecordBatch, ComponentError> {
        let at = Circumstances {
            locale_id: self.locale_id,
            today: 0,
        };
        let mut arrays = Vec::with_capacity(places.len());
        for ((position, from), column) in places.iter().zip(self.schema.columns.iter()) {
            let converted = convert_column(block.column(*position), *from, column.data_type, at)?;
            let failed = converted.errors.iter().map(|(row, _)| *row);
            if let Some(row) = failed.chain(converted.truncations.iter().copied()).min() {
                let text = format!(
                    "row {} of raw file `{}` has more in column `{}` than its type `{}` holds; make the column wider",
                    first_row + row as u64,
                    self.path.display(),
                    column.name,
                    column.data_type.name()
                );
                return Err(ComponentError::failed(codes::DATA_CONVERSION_FAILED, text));
            }
            arrays.push(converted.array);
        }
        columns::batch(self.schema.to_arrow(), arrays, block.num_rows()).map_err(arrow_failure)
    }
}

/// The name that the file has for an output column.
fn name_in_file<'c>(output: &'c Output, column: &'c OutputColumn) -> &'c str {
    let mut external = output.external_columns.iter();
    let external = external
        .find(|external| !column.external_id.is_empty() && external.id == column.external_id);
    external.map_or(&column.name, |external| &external.name)
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let reader = RawReader::open(&self.path)?;
        let file = reader.header().schema();
        let columns = self.component.outputs[self.output].columns.iter();
        let places = columns.map(|column| self.place(column, &file));
        let places = places.collect::<Result<_, _>>()?;
        self.open = Some(Open { reader, places });
        Ok(())
    }

    fn prime_output(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let Some(Open { mut reader, places }) = self.open.take() else {
            return Ok(());
        };
        loop {
            let first_row = reader.rows() + 1;
            let Some(block) = reader.next_batch()? else {
                return Ok(());
            };
            let batch = self.adapted(&block, &places, first_row)?;
            for start in (0..batch.num_rows()).step_by(self.batch_rows) {
                let rows = self.batch_rows.min(batch.num_rows() - start);
                out.send(self.output, batch.slice(start, rows))?;
            }
        }
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
