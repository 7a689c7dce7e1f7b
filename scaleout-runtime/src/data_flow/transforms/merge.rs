//! Merge: the rows of two sorted inputs in one sorted output. Of rows with the same key those of
//! the first input come first.

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, OutputColumn, property};

use super::column_ref::lineage_of;
use super::settings::refused;
use super::sorted::{
    Demand, Gather, OutputColumnSource, Side, SideSettings, order_of, same_orders,
};
use super::synchronous::{built, main_output, settings_problem};
use crate::data_flow::codes;
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::row_keys::KeyColumn;
use crate::data_flow::schema::Schema;
use crate::validation::Problem;

/// `Microsoft.Merge`
pub struct Merge;

impl ComponentKind for Merge {
    fn component_type(&self) -> &'static str {
        "Microsoft.Merge"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let problem = settings_problem(component, cx, Settings::read);
        problem.into_iter().collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let settings = Settings::read(component, cx)?;
        let [left, right] = settings.sides;
        let running = Running {
            sides: [Side::new(left, cx)?, Side::new(right, cx)?],
            gather: Gather::new(
                settings.output,
                settings.schema,
                settings.columns,
                cx.batch_rows,
            ),
        };
        Ok(built(running, component, cx))
    }
}

struct Settings {
    sides: [SideSettings; 2],
    columns: Vec<OutputColumnSource>,
    output: usize,
    schema: Schema,
}

impl Settings {
    fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let demands = [order_of(component, cx, 0)?, order_of(component, cx, 1)?];
        let (left, right) = (demands[0].keys.len(), demands[1].keys.len());
        if left != right {
            let what = format!(
                "merges an input that is sorted by {left} columns with one that is sorted by {right}"
            );
            return Err(refused(component, codes::TOO_FEW_KEY_COLUMNS, &what));
        }
        let keys = [
            demands[0].key_columns(left)?,
            demands[1].key_columns(right)?,
        ];
        same_orders(component, &keys[0], &keys[1])?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let schema = Schema::of_output_columns(columns);
        let mut sources: Vec<OutputColumnSource> = vec![[None, None]; columns.len()];
        let [left_keys, right_keys] = keys;
        let sides = [
            side(component, &demands[0], left_keys, &mut sources)?,
            side(component, &demands[1], right_keys, &mut sources)?,
        ];
        Ok(Self {
            sides,
            columns: sources,
            output,
            schema,
        })
    }
}

/// Fills in where output columns come from on this side.
fn side(
    component: &Component,
    demand: &Demand<'_>,
    keys: Vec<KeyColumn>,
    sources: &mut [OutputColumnSource],
) -> Result<SideSettings, ComponentError> {
    let columns = &component.outputs[main_output(component)?].columns;
    let mut positions = Vec::new();
    for input_column in &component.inputs[demand.input].columns {
        let target = property(&input_column.properties, "OutputColumnLineageID").map(lineage_of);
        // A column may be selected without being mapped.
        let Some(target) = target.filter(|id| !id.is_empty() && *id != "0") else {
            continue;
        };
        let to = columns
            .iter()
            .position(|column| column.lineage_id == target);
        let position = demand.arriving.index_of(&input_column.lineage_id);
        let (Some(to), Some(position)) = (to, position) else {
            let what = format!(
                "maps column `{}` of its input `{}` to a column that does not exist",
                input_column.name,
                demand.name()
            );
            return Err(refused(component, codes::WRONG_PROPERTY, &what));
        };
        check_column(component, demand, position, &columns[to])?;
        sources[to][demand.input] = Some(positions.len());
        positions.push(position);
    }
    let kept = positions.iter();
    Ok(SideSettings {
        component: component.name.clone(),
        input: demand.name().to_owned(),
        keys,
        schema: Schema::new(kept.map(|position| demand.arriving.columns[*position].clone())),
        positions,
    })
}

/// Type and sort position must be those of the output column.
fn check_column(
    component: &Component,
    demand: &Demand<'_>,
    position: usize,
    column: &OutputColumn,
) -> Result<(), ComponentError> {
    let arriving = &demand.arriving.columns[position];
    if arrow_type(arriving.data_type) != arrow_type(column.data_type) {
        let what = format!(
            "cannot put column `{}` of type `{}` into column `{}` of type `{}`; convert it before it is sorted",
            arriving.name,
            arriving.data_type.name(),
            column.name,
            column.data_type.name()
        );
        return Err(refused(component, codes::COLUMN_METADATA_MISMATCH, &what));
    }
    let mut keys = demand.keys.iter();
    let key = keys.find(|key| key.lineage_id == arriving.lineage_id);
    let key = key.map_or((0, false), |key| (key.position, key.descending));
    let declared = column.sort_key_position;
    if key != (declared.unsigned_abs(), declared < 0) {
        let sign = if key.1 { "-" } else { "" };
        let what = format!(
            "has SortKeyPosition {declared} at its output column `{}`, and {sign}{} at column `{}` of its input `{}`",
            column.name,
            key.0,
            arriving.name,
            demand.name()
        );
        return Err(refused(
            component,
            codes::MERGE_SORT_POSITION_MISMATCH,
            &what,
        ));
    }
    Ok(())
}

struct Running {
    sides: [Side; 2],
    gather: Gather,
}

impl Running {
    fn merge(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let [first, second] = &mut self.sides;
        loop {
            match (first.current()?, second.current()?) {
                (Some(_), None) if !second.has_ended() => return Ok(()),
                (None, _) if !first.has_ended() => return Ok(()),
                (None, None) => return Ok(()),
                (Some(left), right) if right.as_ref().is_none_or(|it| left.key() <= it.key()) => {
                    first.advance();
                    self.gather.push(Some(&left), None, out)?;
                }
                (_, right) => {
                    second.advance();
                    self.gather.push(None, right.as_ref(), out)?;
                }
            }
        }
    }
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        self.sides[input].push(&batch)?;
        self.merge(out)
    }

    fn end_of_input(&mut self, input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        self.sides[input].end();
        self.merge(out)?;
        if self.sides.iter().all(Side::has_ended) {
            self.gather.flush(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
