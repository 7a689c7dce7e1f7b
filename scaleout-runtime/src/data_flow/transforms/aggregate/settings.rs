//! What an Aggregate is told.

use scaleout_core::package::pipeline::{Component, OutputColumn, property};

use crate::data_flow::codes;
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::row_keys::KeyColumn;
use crate::data_flow::schema::{Column, Schema};
use crate::data_flow::transforms::column_ref::lineage_of;
use crate::data_flow::transforms::expressions::locale_of;
use crate::data_flow::transforms::settings::{flags_of, number_in, refused};
use crate::data_flow::transforms::synchronous::only_input;
use crate::value::DataType;

/// What becomes of the values of one group (`AggregationType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// They are all the same: the first one.
    GroupBy,
    /// How many are not NULL.
    Count,
    /// How many rows.
    CountAll,
    /// How many different ones, NULL aside.
    CountDistinct,
    /// Their sum.
    Sum,
    /// Their sum by their number.
    Average,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
}

/// One output column.
#[derive(Clone)]
pub struct Aggregation {
    /// What it is.
    pub function: Function,
    /// The column that it is made of; the first one, unused, for a count of rows.
    pub source: KeyColumn,
    /// Type of the result.
    pub data_type: DataType,
    /// Name of the output column, for messages.
    pub name: String,
}

/// One output.
#[derive(Clone)]
pub struct Grouping {
    /// Its index.
    pub output: usize,
    /// Its name, for messages.
    pub name: String,
    /// What it carries.
    pub schema: Schema,
    /// Its columns.
    pub columns: Vec<Aggregation>,
}

/// Settings of an Aggregate.
pub struct Settings {
    /// The outputs that lead somewhere.
    pub groupings: Vec<Grouping>,
    /// What arrives.
    pub arriving: Schema,
    /// LCID, for conversions.
    pub locale_id: u32,
}

impl Settings {
    /// Reads the properties. Those that say how many keys to expect have no meaning here, nor has
    /// `IsBig`: the type of the output column says how large a result may be.
    ///
    /// # Errors
    /// [`ComponentError`] naming output and column that are wrong.
    pub fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (_, arriving) = only_input(component, cx)?;
        let mut groupings = Vec::new();
        for (index, output) in component.outputs.iter().enumerate() {
            let columns = output.columns.iter();
            let columns = columns.map(|column| aggregation(component, column, &arriving));
            let grouping = Grouping {
                output: index,
                name: output.name.clone(),
                schema: Schema::of_output_columns(&output.columns),
                columns: columns.collect::<Result<_, _>>()?,
            };
            if cx.attached.get(index).copied().unwrap_or(false) {
                groupings.push(grouping);
            }
        }
        Ok(Self {
            groupings,
            arriving,
            locale_id: locale_of(component, cx.services),
        })
    }
}

fn aggregation(
    component: &Component,
    column: &OutputColumn,
    arriving: &Schema,
) -> Result<Aggregation, ComponentError> {
    let function = function(component, column)?;
    let id = property(&column.properties, "AggregationColumnId").map(lineage_of);
    let position = id.and_then(|id| arriving.index_of(id));
    let position = match position {
        Some(position) => position,
        None if function == Function::CountAll => 0,
        None => {
            let what = format!(
                "makes its output column `{}` of a column that does not arrive",
                column.name
            );
            return Err(refused(component, codes::WRONG_PROPERTY, &what));
        }
    };
    let from = arriving.columns.get(position);
    if let Some(from) = from {
        check_types(component, function, from, column)?;
    }
    let bits = number_in(component, &column.properties, "AggregationComparisonFlags")?;
    let data_type = from.map_or(column.data_type, |from| from.data_type);
    Ok(Aggregation {
        function,
        source: KeyColumn {
            flags: flags_of(component, &column.name, bits.unwrap_or(0).cast_unsigned())?,
            ..KeyColumn::exact(position, data_type)
        },
        data_type: column.data_type,
        name: column.name.clone(),
    })
}

fn function(component: &Component, column: &OutputColumn) -> Result<Function, ComponentError> {
    let number = number_in(component, &column.properties, "AggregationType")?;
    Ok(match number.unwrap_or(0) {
        0 => Function::GroupBy,
        1 => Function::Count,
        2 => Function::CountAll,
        3 => Function::CountDistinct,
        4 => Function::Sum,
        5 => Function::Average,
        6 => Function::Minimum,
        7 => Function::Maximum,
        other => {
            let what = format!(
                "has the AggregationType {other} at its output column `{}`; it may be 0 to 7",
                column.name
            );
            return Err(refused(component, codes::WRONG_PROPERTY, &what));
        }
    })
}

fn check_types(
    component: &Component,
    function: Function,
    from: &Column,
    to: &OutputColumn,
) -> Result<(), ComponentError> {
    let (source, result) = (from.data_type, to.data_type);
    let fits = match function {
        Function::GroupBy => arrow_type(source) == arrow_type(result),
        Function::Count | Function::CountAll | Function::CountDistinct => is_number(result),
        Function::Sum | Function::Average => is_number(source) && is_number(result),
        Function::Minimum | Function::Maximum => {
            has_extremes(source) && arrow_type(source) == arrow_type(result)
        }
    };
    if fits {
        return Ok(());
    }
    let what = format!(
        "cannot make its output column `{}` of type `{}` as {} of column `{}` of type `{}`",
        to.name,
        result.name(),
        function.in_words(),
        from.name,
        source.name()
    );
    Err(refused(component, codes::COLUMN_METADATA_MISMATCH, &what))
}

impl Function {
    /// As a phrase.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::GroupBy => "the group",
            Self::Count | Self::CountAll => "the count",
            Self::CountDistinct => "the distinct count",
            Self::Sum => "the sum",
            Self::Average => "the average",
            Self::Minimum => "the minimum",
            Self::Maximum => "the maximum",
        }
    }
}

fn is_number(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::I1
            | DataType::I2
            | DataType::I4
            | DataType::I8
            | DataType::Ui1
            | DataType::Ui2
            | DataType::Ui4
            | DataType::Ui8
            | DataType::R4
            | DataType::R8
            | DataType::Cy
            | DataType::Decimal { .. }
            | DataType::Numeric { .. }
    )
}

/// Numbers, dates and times.
fn has_extremes(data_type: DataType) -> bool {
    let is_moment = matches!(
        data_type,
        DataType::Date
            | DataType::DbDate
            | DataType::DbTime
            | DataType::DbTime2 { .. }
            | DataType::DbTimestamp
            | DataType::DbTimestamp2 { .. }
            | DataType::DbTimestampOffset { .. }
            | DataType::FileTime
    );
    is_moment || is_number(data_type)
}
