//! What has become of the members of one batch.

use arrow::array::{Array, ArrayRef};
use arrow::record_batch::RecordBatch;

use super::settings::{Attribute, Change, Inferred};
use crate::convert::{ColumnBuilder, convert};
use crate::data_flow::codes;
use crate::data_flow::columns::batch;
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Purpose};
use crate::data_flow::schema::{Column, Schema};
use crate::value::{TypedValue, Value};

/// The current row of a member: its attributes in their order, and its indicator.
pub struct Current {
    /// The attributes.
    pub values: Vec<TypedValue>,
    /// What the column says that marks inferred members.
    pub indicator: Option<TypedValue>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A member that the dimension does not have.
    New,
    /// One that it has without its data.
    Inferred,
    /// A fixed attribute has changed; which.
    Fixed(usize),
    /// What has changed of the others.
    Known {
        /// A changing attribute.
        changing: bool,
        /// A historical one.
        historical: bool,
    },
}

/// Compares the rows of a batch with the current rows of their members.
pub fn verdicts(
    rows: &RecordBatch,
    current: &[Option<Current>],
    attributes: &[Attribute],
    inferred: &Inferred,
    locale_id: u32,
) -> Result<Vec<Verdict>, ComponentError> {
    let changes = attributes
        .iter()
        .enumerate()
        .map(|(at, attribute)| changed(rows, current, attribute, at, locale_id));
    let changes: Vec<Vec<bool>> = changes.collect::<Result<_, _>>()?;
    let verdict = |(row, current): (usize, &Option<Current>)| {
        let Some(current) = current else {
            return Verdict::New;
        };
        if is_inferred(current, inferred) {
            return Verdict::Inferred;
        }
        let has_changed = |wanted: Change| {
            let mut columns = attributes.iter().zip(&changes);
            columns.position(|(attribute, changed)| attribute.change == wanted && changed[row])
        };
        match has_changed(Change::Fixed) {
            Some(attribute) => Verdict::Fixed(attribute),
            None => Verdict::Known {
                changing: has_changed(Change::Changing).is_some(),
                historical: has_changed(Change::Historical).is_some(),
            },
        }
    };
    Ok(current.iter().enumerate().map(verdict).collect())
}

fn is_inferred(current: &Current, inferred: &Inferred) -> bool {
    match inferred {
        Inferred::Never => false,
        Inferred::AllNull => {
            let mut values = current.values.iter();
            values.all(|value| matches!(value.value, Value::Null))
        }
        Inferred::Indicator(_) => current
            .indicator
            .as_ref()
            .is_some_and(|value| says_yes(&value.value)),
    }
}

fn says_yes(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::I1(value) => *value != 0,
        Value::I2(value) => *value != 0,
        Value::I4(value) => *value != 0,
        Value::I8(value) => *value != 0,
        Value::Ui1(value) => *value != 0,
        Value::Str(text) => {
            let text = text.trim().to_ascii_lowercase();
            matches!(text.as_str(), "1" | "-1" | "y" | "yes" | "t" | "true")
        }
        _ => false,
    }
}

/// For each row, whether an attribute has another value than in the dimension. A value of the
/// dimension that is none of the type of the row is another one.
fn changed(
    rows: &RecordBatch,
    current: &[Option<Current>],
    attribute: &Attribute,
    at: usize,
    locale_id: u32,
) -> Result<Vec<bool>, ComponentError> {
    let mut builder = ColumnBuilder::new(attribute.data_type, current.len());
    let mut differs = vec![false; current.len()];
    for (row, current) in current.iter().enumerate() {
        let held = current.as_ref().map(|current| &current.values[at]);
        let value = match held {
            None => Value::Null,
            Some(held) => {
                match convert(&held.value, held.data_type, attribute.data_type, locale_id) {
                    Ok(converted) => {
                        differs[row] = converted.truncated;
                        converted.value
                    }
                    Err(_) => {
                        differs[row] = true;
                        Value::Null
                    }
                }
            }
        };
        builder.push(&value).map_err(|mismatch| {
            ComponentError::failed(codes::COMPONENT_EXCEPTION, mismatch.to_string())
        })?;
    }
    let (own, other) = (
        keys(rows.column(attribute.position), attribute)?,
        keys(&builder.finish(), attribute)?,
    );
    for (row, differs) in differs.iter_mut().enumerate() {
        *differs |= own.get(row) != other.get(row);
    }
    Ok(differs)
}

fn keys(
    array: &ArrayRef,
    attribute: &Attribute,
) -> Result<crate::data_flow::row_keys::Keys, ComponentError> {
    let schema = Schema::new([Column {
        lineage_id: String::new(),
        name: attribute.name.clone(),
        data_type: attribute.data_type,
    }]);
    let one = batch(schema.to_arrow(), vec![array.clone()], array.len()).map_err(arrow_failure)?;
    let key = KeyColumn::exact(0, attribute.data_type);
    KeyEncoder::new(vec![key], Purpose::Equality)?.keys(&one)
}
