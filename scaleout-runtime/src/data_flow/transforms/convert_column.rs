//! A whole column from one type to another, with what went wrong row by row.

use arrow::array::{Array, ArrayRef, StringArray};

use crate::convert::{ColumnBuilder, ColumnReader, ConvertError, convert_on};
use crate::data_flow::component::ComponentError;
use crate::data_flow::{codes, error_rows};
use crate::value::{DataType, Value};

/// A converted column.
pub struct ConvertedColumn {
    /// NULL where there is an error, cut where there is a truncation.
    pub array: ArrayRef,
    /// Rows that could not be converted, in order.
    pub errors: Vec<(usize, ConvertError)>,
    /// Rows that lost something, in order.
    pub truncations: Vec<usize>,
}

impl ConvertedColumn {
    fn whole(array: ArrayRef) -> Self {
        Self {
            array,
            errors: Vec::new(),
            truncations: Vec::new(),
        }
    }
}

/// Where and when a conversion happens.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// LCID.
    pub locale_id: u32,
    /// Days since 1970-01-01: when a time without a date happens.
    pub today: i32,
}

/// Converts every value of a column.
pub fn convert_column(
    array: &ArrayRef,
    from: DataType,
    to: DataType,
    at: Circumstances,
) -> Result<ConvertedColumn, ComponentError> {
    if from == to || fits_as_it_is(array, to) {
        return Ok(ConvertedColumn::whole(array.clone()));
    }
    let reader = ColumnReader::new(array.as_ref(), from);
    let mut builder = ColumnBuilder::new(to, array.len());
    let mut converted = ConvertedColumn::whole(array.clone());
    for row in 0..array.len() {
        let value = match convert_on(&reader.value(row), from, to, at.locale_id, at.today) {
            Ok(result) => {
                if result.truncated {
                    converted.truncations.push(row);
                }
                result.value
            }
            Err(error) => {
                converted.errors.push((row, error));
                Value::Null
            }
        };
        builder.push(&value).map_err(|mismatch| {
            ComponentError::failed(codes::COMPONENT_EXCEPTION, mismatch.to_string())
        })?;
    }
    converted.array = builder.finish();
    Ok(converted)
}

/// Text that is ASCII, has no NUL and is short enough is the same in every character type.
fn fits_as_it_is(array: &ArrayRef, to: DataType) -> bool {
    let limit = match to {
        DataType::Str { length, .. } | DataType::Wstr { length } if 0 < length => length as usize,
        DataType::Text { .. } | DataType::Ntext => usize::MAX,
        _ => return false,
    };
    let Some(text) = array.as_any().downcast_ref::<StringArray>() else {
        return false;
    };
    let offsets = text.value_offsets();
    let (start, end) = (offsets[0], offsets[text.len()]);
    let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else {
        return false;
    };
    let bytes = &text.value_data()[start..end];
    let longest = offsets
        .windows(2)
        .map(|pair| pair[1].abs_diff(pair[0]) as usize)
        .max();
    longest.unwrap_or(0) <= limit && bytes.is_ascii() && !bytes.contains(&0)
}

/// Judges everything that went wrong in a conversion.
pub fn add_faults(
    faults: &mut error_rows::BatchFaults,
    rule: &error_rows::Rule,
    converted: &ConvertedColumn,
    code: impl Fn(Option<&ConvertError>) -> u32,
    target: DataType,
) {
    use error_rows::FaultKind::{Error, Truncation};
    for (row, error) in &converted.errors {
        faults.add(rule, *row, Error, code(Some(error)), || error.to_string());
    }
    for row in &converted.truncations {
        faults.add(rule, *row, Truncation, code(None), || {
            format!("the value was truncated to fit `{}`", target.name())
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::convert::{convert, value_at};

    const AT: Circumstances = Circumstances {
        locale_id: 1033,
        today: 0,
    };

    proptest! {
        #[test]
        fn columns_convert_as_their_values_do(
            texts in proptest::collection::vec(proptest::option::of("[a-z0-9 é€\u{0}]{0,6}"), 0..20),
            to in proptest::sample::select(vec![
                DataType::Wstr { length: 3 },
                DataType::Str { length: 3, code_page: 1252 },
                DataType::Str { length: 4, code_page: 65001 },
                DataType::Ntext,
                DataType::I4,
            ]),
        ) {
            let from = DataType::Wstr { length: 6 };
            let array: ArrayRef = Arc::new(StringArray::from(texts.clone()));
            let converted = convert_column(&array, from, to, AT).unwrap();
            for (row, text) in texts.iter().enumerate() {
                let value = text.as_deref().map_or(Value::Null, |text| Value::Str(text.into()));
                let failed = converted.errors.iter().any(|(failed, _)| *failed == row);
                let cut = converted.truncations.contains(&row);
                match convert(&value, from, to, 1033) {
                    Ok(expected) => {
                        let found = value_at(converted.array.as_ref(), row, to);
                        prop_assert_eq!(format!("{:?}", found), format!("{:?}", expected.value));
                        prop_assert_eq!((failed, cut), (false, expected.truncated));
                    }
                    Err(_) => prop_assert!(failed && converted.array.is_null(row)),
                }
            }
        }
    }

    #[test]
    fn a_slice_of_a_column_is_judged_by_itself() {
        let whole: ArrayRef = Arc::new(StringArray::from(vec!["é", "ab", "too long"]));
        let slice = whole.slice(1, 1);
        let to = DataType::Str {
            length: 2,
            code_page: 1252,
        };
        let converted = convert_column(&slice, DataType::Wstr { length: 9 }, to, AT).unwrap();
        assert!(converted.truncations.is_empty() && Arc::ptr_eq(&converted.array, &slice));
    }
}
