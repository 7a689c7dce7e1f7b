//! What a Merge Join is told.

use scaleout_core::package::pipeline::{Component, OutputColumn, property};

use crate::data_flow::codes;
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::schema::{Column, Schema};
use crate::data_flow::transforms::column_ref::lineage_of;
use crate::data_flow::transforms::settings::{is_true, number_in, refused};
use crate::data_flow::transforms::sorted::{
    Demand, OutputColumnSource, SideSettings, order_of, same_orders,
};
use crate::data_flow::transforms::synchronous::main_output;

/// Which rows without a partner come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinType {
    /// Those of both inputs.
    FullOuter,
    /// Those of the left input.
    LeftOuter,
    /// None.
    Inner,
}

/// Settings of a Merge Join.
pub struct Settings {
    /// Which rows come out.
    pub join_type: JoinType,
    /// Whether NULL is a key like any other.
    pub nulls_are_equal: bool,
    /// Left and right.
    pub sides: [SideSettings; 2],
    /// Where each output column comes from.
    pub columns: Vec<OutputColumnSource>,
    /// Index of the output.
    pub output: usize,
    /// What the output carries.
    pub schema: Schema,
}

impl Settings {
    /// Reads the properties; `MaxBuffersPerInput` has no meaning here.
    ///
    /// # Errors
    /// [`ComponentError`] with the code that the original has for it.
    pub fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let join_type = join_type(component)?;
        let demands = [order_of(component, cx, 0)?, order_of(component, cx, 1)?];
        let count = key_count(component, &demands)?;
        let keys = [
            demands[0].key_columns(count)?,
            demands[1].key_columns(count)?,
        ];
        same_orders(component, &keys[0], &keys[1])?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let mut kept = [Vec::new(), Vec::new()];
        let sources = columns
            .iter()
            .map(|column| source(component, column, &demands, &mut kept));
        let sources = sources.collect::<Result<_, _>>()?;
        let [left_keys, right_keys] = keys;
        let [left_kept, right_kept] = kept;
        let side = |demand: &Demand<'_>, keys, positions: Vec<usize>| SideSettings {
            component: component.name.clone(),
            input: demand.name().to_owned(),
            keys,
            schema: Schema::new(
                positions
                    .iter()
                    .map(|position| demand.arriving.columns[*position].clone()),
            ),
            positions,
        };
        Ok(Self {
            join_type,
            nulls_are_equal: component
                .property("TreatNullsAsEqual")
                .is_none_or(|text| is_true(Some(text))),
            sides: [
                side(&demands[0], left_keys, left_kept),
                side(&demands[1], right_keys, right_kept),
            ],
            columns: sources,
            output,
            schema: Schema::of_output_columns(columns),
        })
    }
}

fn join_type(component: &Component) -> Result<JoinType, ComponentError> {
    match number_in(component, &component.properties, "JoinType")? {
        Some(0) => Ok(JoinType::FullOuter),
        Some(1) => Ok(JoinType::LeftOuter),
        Some(2) | None => Ok(JoinType::Inner),
        Some(other) => {
            let what =
                format!("has the JoinType {other}; it may be 0 (full), 1 (left) or 2 (inner)");
            Err(refused(component, codes::WRONG_JOIN_TYPE, &what))
        }
    }
}

fn key_count(component: &Component, demands: &[Demand<'_>; 2]) -> Result<usize, ComponentError> {
    let wanted = number_in(component, &component.properties, "NumKeyColumns")?.unwrap_or(1);
    let most = demands[0].keys.len().min(demands[1].keys.len());
    let count = usize::try_from(wanted).ok();
    count.filter(|count| (1..=most).contains(count)).ok_or_else(|| {
        let what = format!(
            "joins by {wanted} key columns (NumKeyColumns), and both inputs are sorted by {most}"
        );
        refused(component, codes::WRONG_KEY_COUNT, &what)
    })
}

fn source(
    component: &Component,
    column: &OutputColumn,
    demands: &[Demand<'_>; 2],
    kept: &mut [Vec<usize>; 2],
) -> Result<OutputColumnSource, ComponentError> {
    let id = property(&column.properties, "InputColumnID").map(lineage_of);
    let found = demands.iter().enumerate().find_map(|(side, demand)| {
        let mut columns = component.inputs[side].columns.iter();
        let input_column = columns.find(|input_column| Some(input_column.id.as_str()) == id)?;
        let position = demand.arriving.index_of(&input_column.lineage_id)?;
        Some((side, position, &demand.arriving.columns[position]))
    });
    let Some((side, position, arriving)) = found else {
        let what = format!(
            "takes its output column `{}` from an input column that does not exist",
            column.name
        );
        return Err(refused(component, codes::NO_INPUT_COLUMN, &what));
    };
    check_type(component, column, arriving)?;
    let known = kept[side].iter().position(|other| *other == position);
    let index = known.unwrap_or_else(|| {
        kept[side].push(position);
        kept[side].len() - 1
    });
    let mut source = [None, None];
    source[side] = Some(index);
    Ok(source)
}

fn check_type(
    component: &Component,
    column: &OutputColumn,
    arriving: &Column,
) -> Result<(), ComponentError> {
    if arrow_type(arriving.data_type) == arrow_type(column.data_type) {
        return Ok(());
    }
    let what = format!(
        "takes its output column `{}` of type `{}` from column `{}` of type `{}`; refresh the metadata of the component",
        column.name,
        column.data_type.name(),
        arriving.name,
        arriving.data_type.name()
    );
    Err(refused(component, codes::INPUT_METADATA_MISMATCH, &what))
}
