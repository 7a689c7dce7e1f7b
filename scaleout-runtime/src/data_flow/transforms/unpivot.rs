//! Unpivot: several columns of a row as several rows.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, UInt32Array, new_null_array};
use arrow::compute::{interleave, take};
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, property};

use super::column_ref::lineage_of;
use super::convert_column::{Circumstances, convert_column};
use super::expressions::locale_of;
use super::settings::{is_true, refused};
use super::synchronous::{built, main_output, only_input, settings_problem};
use crate::convert::is_legal;
use crate::data_flow::codes;
use crate::data_flow::columns::{self, arrow_type};
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::schema::Schema;
use crate::validation::Problem;
use crate::value::DataType;

/// `Microsoft.UnPivot`
pub struct Unpivot;

impl ComponentKind for Unpivot {
    fn component_type(&self) -> &'static str {
        "Microsoft.UnPivot"
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
        Ok(built(Running::new(component, cx)?, component, cx))
    }
}

/// What an output column is made of.
enum Made {
    /// The key of the row.
    Key,
    /// An input column as it is.
    Copied(usize),
    /// For each key the input column, if it has one.
    Values(Vec<Option<(usize, DataType)>>),
    /// Nothing.
    Null,
}

struct Running {
    component: String,
    output: usize,
    schema: Schema,
    /// `PivotKeyValue` of each row that an input row becomes.
    keys: Vec<String>,
    made: Vec<Made>,
    batch_rows: usize,
    locale_id: u32,
}

/// An input column, with the output column that it goes to and its key, if it has one.
struct Mapping {
    position: usize,
    name: String,
    to: usize,
    key: Option<usize>,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (_, arriving) = only_input(component, cx)?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let schema = Schema::of_output_columns(columns);
        let (keys, mappings) = mappings(component, output, &arriving)?;
        if keys.is_empty() {
            let what = "has no column to unpivot; give at least one input column a PivotKeyValue";
            return Err(refused(component, codes::WRONG_PROPERTY, what));
        }
        let mut made = Vec::with_capacity(columns.len());
        for (to, column) in columns.iter().enumerate() {
            let into: Vec<&Mapping> = mappings.iter().filter(|it| it.to == to).collect();
            made.push(match into.as_slice() {
                _ if is_true(property(&column.properties, "PivotKey")) => Made::Key,
                [] => Made::Null,
                [one] if one.key.is_none() => Made::Copied(one.position),
                many => values(component, &keys, many, &arriving, column.name.as_str())?,
            });
        }
        for mapping in &mappings {
            check_type(component, mapping, &arriving, &schema)?;
        }
        Ok(Self {
            component: component.name.clone(),
            output,
            schema,
            keys,
            made,
            batch_rows: cx.batch_rows.max(1),
            locale_id: locale_of(component, cx.services),
        })
    }

    /// The rows that come of a batch: the row, and which key. A row whose values are all NULL
    /// stays as one row, with the first key.
    fn rows(&self, batch: &RecordBatch) -> Vec<(usize, usize)> {
        let sources: Vec<Vec<&ArrayRef>> = (0..self.keys.len())
            .map(|key| {
                let values = self.made.iter().filter_map(|made| match made {
                    Made::Values(sources) => sources[key],
                    _ => None,
                });
                values.map(|(position, _)| batch.column(position)).collect()
            })
            .collect();
        let mut rows = Vec::with_capacity(batch.num_rows() * self.keys.len());
        for row in 0..batch.num_rows() {
            let before = rows.len();
            for (key, sources) in sources.iter().enumerate() {
                if sources.iter().any(|source| source.is_valid(row)) {
                    rows.push((row, key));
                }
            }
            if rows.len() == before {
                rows.push((row, 0));
            }
        }
        rows
    }

    fn column(
        &self,
        at: usize,
        batch: &RecordBatch,
        rows: &[(usize, usize)],
    ) -> Result<ArrayRef, ComponentError> {
        let column = &self.schema.columns[at];
        let (array, from): (ArrayRef, DataType) = match &self.made[at] {
            Made::Null => return Ok(new_null_array(&arrow_type(column.data_type), rows.len())),
            Made::Key => {
                let keys = rows.iter().map(|(_, key)| Some(self.keys[*key].as_str()));
                (Arc::new(keys.collect::<StringArray>()), DataType::Ntext)
            }
            Made::Copied(position) => {
                let taken: UInt32Array = rows.iter().map(|(row, _)| Some(place(*row))).collect();
                let array = take(batch.column(*position), &taken, None).map_err(arrow_failure)?;
                (array, column.data_type)
            }
            Made::Values(sources) => return self.values(at, sources, batch, rows),
        };
        self.fitted(at, &array, from)
    }

    fn values(
        &self,
        at: usize,
        sources: &[Option<(usize, DataType)>],
        batch: &RecordBatch,
        rows: &[(usize, usize)],
    ) -> Result<ArrayRef, ComponentError> {
        let to = self.schema.columns[at].data_type;
        let mut parts = Vec::with_capacity(sources.len());
        for source in sources {
            parts.push(match source {
                None => new_null_array(&arrow_type(to), batch.num_rows()),
                Some((position, from)) => self.fitted(at, batch.column(*position), *from)?,
            });
        }
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        let places: Vec<(usize, usize)> = rows.iter().map(|(row, key)| (*key, *row)).collect();
        interleave(&parts, &places).map_err(arrow_failure)
    }

    fn fitted(
        &self,
        at: usize,
        array: &ArrayRef,
        from: DataType,
    ) -> Result<ArrayRef, ComponentError> {
        let column = &self.schema.columns[at];
        let circumstances = Circumstances {
            locale_id: self.locale_id,
            today: 0,
        };
        let converted = convert_column(array, from, column.data_type, circumstances)?;
        if converted.errors.is_empty() && converted.truncations.is_empty() {
            return Ok(converted.array);
        }
        let text = format!(
            "\"{}\" has a value or key that does not fit into column `{}` of type `{}`; make the column wider",
            self.component,
            column.name,
            column.data_type.name()
        );
        Err(ComponentError::failed(codes::DATA_CONVERSION_FAILED, text))
    }
}

fn place(row: usize) -> u32 {
    u32::try_from(row).expect("a batch has fewer rows than 2^32")
}

/// The keys in the order of the columns, and where each input column goes.
fn mappings(
    component: &Component,
    output: usize,
    arriving: &Schema,
) -> Result<(Vec<String>, Vec<Mapping>), ComponentError> {
    let columns = &component.outputs[output].columns;
    let mut keys: Vec<String> = Vec::new();
    let mut mappings = Vec::new();
    for column in component.inputs.iter().flat_map(|input| &input.columns) {
        let wrong = |what: &str| {
            let what = format!("cannot unpivot column `{}`: {what}", column.name);
            refused(component, codes::WRONG_PROPERTY, &what)
        };
        let target = property(&column.properties, "DestinationColumn").map_or("-1", lineage_of);
        if target.is_empty() || target == "-1" || target == "0" {
            continue;
        }
        let mut all = columns.iter();
        let to = all.position(|it| it.lineage_id == target || it.id == target);
        let to = to.ok_or_else(|| wrong("it goes to a column that does not exist"))?;
        let position = arriving.index_of(&column.lineage_id);
        let key = property(&column.properties, "PivotKeyValue").filter(|key| !key.is_empty());
        let key = key.map(|key| {
            keys.iter()
                .position(|other| other == key)
                .unwrap_or_else(|| {
                    keys.push(key.to_owned());
                    keys.len() - 1
                })
        });
        mappings.push(Mapping {
            position: position.ok_or_else(|| wrong("it does not arrive"))?,
            name: column.name.clone(),
            to,
            key,
        });
    }
    Ok((keys, mappings))
}

/// For each key, where the values of one output column come from.
fn values(
    component: &Component,
    keys: &[String],
    into: &[&Mapping],
    arriving: &Schema,
    name: &str,
) -> Result<Made, ComponentError> {
    let mut sources = vec![None; keys.len()];
    for mapping in into {
        let Some(key) = mapping.key else {
            let what = format!(
                "puts column `{}`, which has no PivotKeyValue, and others into column `{name}`",
                mapping.name
            );
            return Err(refused(component, codes::WRONG_PROPERTY, &what));
        };
        let data_type = arriving.columns[mapping.position].data_type;
        if sources[key]
            .replace((mapping.position, data_type))
            .is_some()
        {
            let what = format!(
                "puts two columns with the PivotKeyValue `{}` into column `{name}`",
                keys[key]
            );
            return Err(refused(component, codes::DUPLICATE_UNPIVOT_KEY, &what));
        }
    }
    Ok(Made::Values(sources))
}

fn check_type(
    component: &Component,
    mapping: &Mapping,
    arriving: &Schema,
    schema: &Schema,
) -> Result<(), ComponentError> {
    let (from, to) = (
        arriving.columns[mapping.position].data_type,
        schema.columns[mapping.to].data_type,
    );
    let fits = match mapping.key {
        None => arrow_type(from) == arrow_type(to),
        Some(_) => from == to || is_legal(from, to),
    };
    if fits {
        return Ok(());
    }
    let what = format!(
        "cannot put column `{}` of type `{}` into column `{}` of type `{}`; convert it before",
        mapping.name,
        from.name(),
        schema.columns[mapping.to].name,
        to.name()
    );
    Err(refused(component, codes::COLUMN_METADATA_MISMATCH, &what))
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let rows = self.rows(&batch);
        for part in rows.chunks(self.batch_rows) {
            let columns = 0..self.schema.columns.len();
            let arrays = columns.map(|at| self.column(at, &batch, part));
            let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
            let made = columns::batch(self.schema.to_arrow(), arrays, part.len());
            out.send(self.output, made.map_err(arrow_failure)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "unpivot_tests.rs"]
mod tests;
