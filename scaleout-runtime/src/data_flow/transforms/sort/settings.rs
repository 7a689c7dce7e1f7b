//! What a Sort is told.

use scaleout_core::package::pipeline::{Component, Input, OutputColumn, property};

use crate::data_flow::codes;
use crate::data_flow::columns::{arrow_type, column_of};
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::row_keys::{KeyColumn, is_sortable};
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::column_ref::lineage_of;
use crate::data_flow::transforms::settings::{flags_of, is_true, number_in, refused};
use crate::data_flow::transforms::synchronous::{main_output, only_input};

/// Settings of a Sort.
pub struct Settings {
    /// By what rows are sorted, the first decides first.
    pub keys: Vec<KeyColumn>,
    /// For each output column, its position in the input.
    pub columns: Vec<usize>,
    /// Index of the output.
    pub output: usize,
    /// What the output carries.
    pub schema: Schema,
    /// Of rows with the same keys only the first stays.
    pub eliminate_duplicates: bool,
}

impl Settings {
    /// Reads the properties; `MaximumThreads` has no meaning here.
    ///
    /// # Errors
    /// [`ComponentError`] naming the column that is wrong.
    pub fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, arriving) = only_input(component, cx)?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let positions = columns
            .iter()
            .map(|column| position(component, column, &arriving));
        Ok(Self {
            keys: keys(component, input, &arriving)?,
            columns: positions.collect::<Result<_, _>>()?,
            output,
            schema: Schema::of_output_columns(columns),
            eliminate_duplicates: is_true(component.property("EliminateDuplicates")),
        })
    }
}

fn keys(
    component: &Component,
    input: &Input,
    arriving: &Schema,
) -> Result<Vec<KeyColumn>, ComponentError> {
    let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
    let mut keys: Vec<(u32, KeyColumn)> = Vec::new();
    for column in &input.columns {
        let name = &column.name;
        let rank = number_in(component, &column.properties, "NewSortKeyPosition")?.unwrap_or(0);
        if rank == 0 {
            continue;
        }
        let position = arriving
            .index_of(&column.lineage_id)
            .ok_or_else(|| wrong(&format!("sorts by column `{name}`, which does not arrive")))?;
        let data_type = arriving.columns[position].data_type;
        if !is_sortable(data_type) {
            let what = format!(
                "cannot sort by column `{name}` of type `{}`; convert it to a type with a length",
                data_type.name()
            );
            return Err(wrong(&what));
        }
        let flags = number_in(component, &column.properties, "NewComparisonFlags")?.unwrap_or(0);
        if keys.iter().any(|(other, _)| *other == rank.unsigned_abs()) {
            let what = format!(
                "has two columns with the sort position {}",
                rank.unsigned_abs()
            );
            return Err(wrong(&what));
        }
        let key = KeyColumn {
            position,
            data_type,
            descending: rank < 0,
            flags: flags_of(component, name, flags.cast_unsigned())?,
        };
        keys.push((rank.unsigned_abs(), key));
    }
    if keys.is_empty() {
        let what = "sorts by no column; give at least one input column a NewSortKeyPosition";
        return Err(wrong(what));
    }
    keys.sort_by_key(|(rank, _)| *rank);
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn position(
    component: &Component,
    column: &OutputColumn,
    arriving: &Schema,
) -> Result<usize, ComponentError> {
    let source = property(&column.properties, "SortColumnId").map(lineage_of);
    let position = source.and_then(|source| arriving.index_of(source));
    let Some(position) = position else {
        let what = format!(
            "copies its output column `{}` from a column that does not arrive",
            column.name
        );
        return Err(refused(component, codes::WRONG_PROPERTY, &what));
    };
    let (from, to) = (&arriving.columns[position], column_of(column));
    if arrow_type(from.data_type) != arrow_type(to.data_type) {
        let what = format!(
            "copies column `{}` of type `{}` to its output column `{}` of type `{}`; refresh the metadata of the component",
            from.name,
            from.data_type.name(),
            to.name,
            to.data_type.name()
        );
        return Err(refused(component, codes::COLUMN_METADATA_MISMATCH, &what));
    }
    Ok(position)
}
