//! Row Sampling: exactly so many rows of all that arrive, every choice of them equally likely.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, property};

use super::random::Random;
use super::{outputs, random, sampling_value};
use crate::data_flow::codes;
use crate::data_flow::columns::{arrow_type, batch};
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::memory::{MemoryPool, Reservation, over_budget};
use crate::data_flow::row_keys::Keys;
use crate::data_flow::schema::Schema;
use crate::data_flow::spill::RowCodec;
use crate::data_flow::transforms::column_ref::lineage_of;
use crate::data_flow::transforms::settings::refused;
use crate::data_flow::transforms::synchronous::{built, only_input, settings_problem};
use crate::validation::Problem;

/// `Microsoft.RowSampling`
pub struct RowSampling;

impl ComponentKind for RowSampling {
    fn component_type(&self) -> &'static str {
        "Microsoft.RowSampling"
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

/// One output with the positions of its columns in the input.
struct Target {
    output: usize,
    schema: Schema,
    positions: Vec<usize>,
}

struct Running {
    component: String,
    wanted: usize,
    random: Random,
    codec: RowCodec,
    selected: Option<Target>,
    other: Option<Target>,
    /// The choice so far: the number of each row as it arrived, and the row.
    chosen: Vec<(u64, Box<[u8]>)>,
    seen: u64,
    pool: Arc<MemoryPool>,
    memory: Reservation,
    batch_rows: usize,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (_, arriving) = only_input(component, cx)?;
        let (selected, other) = outputs(component);
        let target = |output: Option<usize>| {
            let target = output.map(|output| target(component, output, &arriving));
            target.transpose()
        };
        Ok(Self {
            component: component.name.clone(),
            wanted: sampling_value(component)? as usize,
            random: random(component, cx)?,
            codec: RowCodec::new(&arriving)?,
            selected: target(selected)?,
            other: target(other)?,
            chosen: Vec::new(),
            seen: 0,
            pool: Arc::clone(cx.memory),
            memory: cx.memory.reservation(),
            batch_rows: cx.batch_rows.max(1),
        })
    }

    fn send(
        &self,
        target: Option<&Target>,
        rows: &Keys,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let Some(target) = target.filter(|_| !rows.is_empty()) else {
            return Ok(());
        };
        let whole = self.codec.batch((0..rows.len()).map(|row| rows.get(row)))?;
        let arrays = target.positions.iter();
        let arrays = arrays.map(|position| whole.column(*position).clone());
        let sent = batch(target.schema.to_arrow(), arrays.collect(), rows.len());
        out.send(target.output, sent.map_err(arrow_failure)?)
    }

    fn keep(&mut self, row: &[u8]) -> Result<(), ComponentError> {
        let number = self.seen;
        if !self.memory.try_grow(row.len() as u64 + 32) {
            let what = format!(
                "holds {} selected rows, which do not fit",
                self.chosen.len()
            );
            let instead = "select fewer rows";
            return Err(over_budget(&self.pool, &self.component, &what, instead));
        }
        self.chosen.push((number, row.into()));
        Ok(())
    }
}

fn target(
    component: &Component,
    output: usize,
    arriving: &Schema,
) -> Result<Target, ComponentError> {
    let columns = &component.outputs[output].columns;
    let positions = columns.iter().map(|column| {
        let source = property(&column.properties, "InputColumnLineageID").map(lineage_of);
        let position = source.and_then(|source| arriving.index_of(source));
        let same_type = |at: &usize| {
            arrow_type(arriving.columns[*at].data_type) == arrow_type(column.data_type)
        };
        position.filter(same_type).ok_or_else(|| {
            let what = format!(
                "copies its output column `{}` from no input column of its type",
                column.name
            );
            refused(component, codes::WRONG_PROPERTY, &what)
        })
    });
    Ok(Target {
        output,
        positions: positions.collect::<Result<_, _>>()?,
        schema: Schema::of_output_columns(columns),
    })
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let rows = self.codec.rows(&batch)?;
        let mut left = Keys::default();
        for row in 0..rows.len() {
            let row = rows.get(row);
            if self.chosen.len() < self.wanted {
                self.keep(row)?;
            } else {
                // Each row of all seen so far stays with the same chance.
                let place = self.random.below(self.seen + 1);
                match usize::try_from(place)
                    .ok()
                    .filter(|place| *place < self.wanted)
                {
                    Some(place) => {
                        let (_, replaced) =
                            std::mem::replace(&mut self.chosen[place], (self.seen, row.into()));
                        left.push(&replaced);
                    }
                    None => left.push(row),
                }
            }
            self.seen += 1;
        }
        self.send(self.other.as_ref(), &left, out)
    }

    fn end_of_input(&mut self, _input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let mut chosen = std::mem::take(&mut self.chosen);
        chosen.sort_by_key(|(number, _)| *number);
        for part in chosen.chunks(self.batch_rows) {
            let mut rows = Keys::default();
            part.iter().for_each(|(_, row)| rows.push(row));
            self.send(self.selected.as_ref(), &rows, out)?;
        }
        self.memory.free();
        Ok(())
    }
}
