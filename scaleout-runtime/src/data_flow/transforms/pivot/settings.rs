//! What a Pivot is told.

use std::collections::HashMap;

use scaleout_core::package::pipeline::{Component, Disposition, InputColumn, property};

use crate::data_flow::codes;
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::error_rows::Rule;
use crate::data_flow::row_keys::KeyColumn;
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::column_ref::lineage_of;
use crate::data_flow::transforms::settings::{is_true, number_in, refused};
use crate::data_flow::transforms::synchronous::{main_output, only_input};
use crate::value::DataType;

/// Everything that a Pivot is told.
pub struct Settings {
    /// Output of the pivoted rows.
    pub output: usize,
    /// What it carries.
    pub schema: Schema,
    /// What tells sets of rows apart; all rows are one set without.
    pub set_keys: Vec<KeyColumn>,
    /// Position and type of the pivot key.
    pub pivot_key: (usize, DataType),
    /// Output columns that have the value of the first row of a set: position in the output, in
    /// the input.
    pub firsts: Vec<(usize, usize)>,
    /// For each pivot key, the output columns that it fills: position in the output, in the input.
    pub values: HashMap<String, Vec<(usize, usize)>>,
    /// Rows with other pivot keys are left out, and their keys reported at the end.
    pub passes_unknown: bool,
    /// What happens to a row that does not fit into its set.
    pub rule: Rule,
}

/// `PivotUsage`
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    PassedThrough,
    SetKey,
    PivotKey,
    Value,
}

impl Settings {
    /// Reads and checks them.
    pub fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, arriving) = only_input(component, cx)?;
        let output = main_output(component)?;
        let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
        let columns = &component.outputs[output].columns;
        let schema = Schema::of_output_columns(columns);
        let mut used = Vec::new();
        for column in &input.columns {
            let position = arriving.index_of(&column.lineage_id).ok_or_else(|| {
                wrong(&format!(
                    "reads column `{}`, which does not arrive",
                    column.name
                ))
            })?;
            used.push((usage(component, column)?, position, column));
        }
        let with = |wanted: Usage| used.iter().filter(move |(usage, _, _)| *usage == wanted);
        let mut pivot_keys = with(Usage::PivotKey);
        let (Some((_, pivot_key, key_column)), None) = (pivot_keys.next(), pivot_keys.next())
        else {
            return Err(wrong(
                "needs exactly one input column as pivot key (PivotUsage 2)",
            ));
        };
        let (mut firsts, mut values) = (Vec::new(), HashMap::<String, Vec<_>>::new());
        for (to, column) in columns.iter().enumerate() {
            let source = property(&column.properties, "SourceColumn").map(lineage_of);
            let found = used
                .iter()
                .find(|(_, _, it)| Some(it.lineage_id.as_str()) == source);
            let Some((usage, from, _)) = found else {
                let name = &column.name;
                return Err(wrong(&format!(
                    "makes column `{name}` of a column that it does not read"
                )));
            };
            check_type(component, &arriving, *from, &schema, to)?;
            if *usage != Usage::Value {
                firsts.push((to, *from));
                continue;
            }
            let key = property(&column.properties, "PivotKeyValue").unwrap_or_default();
            values.entry(key.to_owned()).or_default().push((to, *from));
        }
        Ok(Self {
            output,
            set_keys: with(Usage::SetKey)
                .map(|(_, position, _)| {
                    KeyColumn::exact(*position, arriving.columns[*position].data_type)
                })
                .collect(),
            pivot_key: (*pivot_key, arriving.columns[*pivot_key].data_type),
            rule: rule(component, key_column, cx),
            schema,
            firsts,
            values,
            passes_unknown: is_true(component.property("PassThroughUnmatchedPivotKeys")),
        })
    }
}

/// The disposition stands on the input or on the pivot key.
fn rule(component: &Component, key: &InputColumn, cx: &BuildContext<'_>) -> Rule {
    let of_column = Rule::of_input_column(key, cx);
    let own = component.inputs.first().map(Rule::of_input);
    let own = own.filter(|rule| rule.on_error != Disposition::NotUsed);
    own.unwrap_or(of_column)
}

fn usage(component: &Component, column: &InputColumn) -> Result<Usage, ComponentError> {
    let number = number_in(component, &column.properties, "PivotUsage")?.unwrap_or(0);
    match number {
        0 => Ok(Usage::PassedThrough),
        1 => Ok(Usage::SetKey),
        2 => Ok(Usage::PivotKey),
        3 => Ok(Usage::Value),
        other => {
            let what = format!(
                "has the unknown PivotUsage {other} in column `{}`",
                column.name
            );
            Err(refused(component, codes::WRONG_PROPERTY, &what))
        }
    }
}

fn check_type(
    component: &Component,
    arriving: &Schema,
    from: usize,
    schema: &Schema,
    to: usize,
) -> Result<(), ComponentError> {
    let (from, to) = (&arriving.columns[from], &schema.columns[to]);
    if arrow_type(from.data_type) == arrow_type(to.data_type) {
        return Ok(());
    }
    let what = format!(
        "puts column `{}` of type `{}` into column `{}` of type `{}`; refresh the metadata of the component",
        from.name,
        from.data_type.name(),
        to.name,
        to.data_type.name()
    );
    Err(refused(component, codes::COLUMN_METADATA_MISMATCH, &what))
}
