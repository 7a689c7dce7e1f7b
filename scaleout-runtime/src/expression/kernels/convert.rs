//! Conversions over arrays.

use std::fmt::{Display, Write};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array, StringArray, StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{
    Decimal128Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};

use super::super::evaluation_error::Fault;
use super::super::types::{is_blob, is_character, is_float, is_integer, is_signed};
use super::Faults;
use crate::convert::{ColumnBuilder, arrow_type, parse_as, to_f64};
use crate::value::DataType;

/// A conversion that cuts nothing off; one that would is left to the caller.
pub(in super::super) fn convert(
    array: &ArrayRef,
    from: DataType,
    to: DataType,
    locale_id: u32,
    faults: &mut Faults,
) -> Option<ArrayRef> {
    if from == to {
        return Some(Arc::clone(array));
    }
    if is_integer(from) && (is_float(to) || holds_all(from, to)) {
        return cast(array.as_ref(), &arrow_type(to)).ok();
    }
    match (from, to) {
        (DataType::Cy, DataType::R8) => doubles(array, 4),
        (DataType::Decimal { scale } | DataType::Numeric { scale, .. }, DataType::R8) => {
            doubles(array, scale)
        }
        _ if is_integer(from) => integer_text(array, from, to),
        _ if is_character(from) && is_character(to) => text(array, to),
        _ if is_character(from) && !is_blob(to) && !matches!(to, DataType::Bytes { .. }) => {
            parsed(array, from, to, locale_id, faults)
        }
        _ => None,
    }
}

/// Does every value of the one integer type fit the other?
fn holds_all(from: DataType, to: DataType) -> bool {
    let width = |data_type| match data_type {
        DataType::I1 | DataType::Ui1 => 1,
        DataType::I2 | DataType::Ui2 => 2,
        DataType::I4 | DataType::Ui4 => 4,
        _ => 8,
    };
    is_integer(to)
        && match (is_signed(from), is_signed(to)) {
            (true, false) => false,
            (false, true) => width(from) < width(to),
            _ => width(from) <= width(to),
        }
}

/// Decimals as the nearest doubles.
fn doubles(array: &ArrayRef, scale: u8) -> Option<ArrayRef> {
    let digits = array.as_primitive_opt::<Decimal128Type>()?;
    let doubles: Float64Array = digits.unary(|digits| to_f64(digits, scale));
    Some(Arc::new(doubles))
}

/// The same array where every text fits as it is.
fn text(array: &ArrayRef, to: DataType) -> Option<ArrayRef> {
    let texts: &StringArray = array.as_string_opt::<i32>()?;
    let limit = match to {
        DataType::Ntext => return Some(Arc::clone(array)),
        DataType::Wstr { length: 0 } => usize::MAX,
        DataType::Wstr { length } => usize::try_from(length).ok()?,
        // The bytes of a code page are those of UTF-8 only for ASCII characters.
        DataType::Str { length, .. } if texts.value_data().is_ascii() => {
            usize::try_from(length).ok().filter(|length| *length > 0)?
        }
        _ => return None,
    };
    let has_end = memchr::memchr(0, texts.value_data()).is_some();
    // A text has at least as many bytes as it has characters.
    let fits = texts.offsets().lengths().all(|bytes| bytes <= limit);
    (fits && !has_end).then(|| Arc::clone(array))
}

fn integer_text(array: &ArrayRef, from: DataType, to: DataType) -> Option<ArrayRef> {
    let limit = match to {
        DataType::Wstr { length } | DataType::Str { length, .. } => usize::try_from(length).ok()?,
        _ => return None,
    };
    match from {
        DataType::I1 => written::<Int8Type>(array, limit),
        DataType::I2 => written::<Int16Type>(array, limit),
        DataType::I4 => written::<Int32Type>(array, limit),
        DataType::I8 => written::<Int64Type>(array, limit),
        DataType::Ui1 => written::<UInt8Type>(array, limit),
        DataType::Ui2 => written::<UInt16Type>(array, limit),
        DataType::Ui4 => written::<UInt32Type>(array, limit),
        _ => written::<UInt64Type>(array, limit),
    }
}

fn written<T: ArrowPrimitiveType>(array: &ArrayRef, limit: usize) -> Option<ArrayRef>
where
    T::Native: Display,
{
    let numbers = array.as_primitive_opt::<T>()?;
    let mut builder = StringBuilder::with_capacity(numbers.len(), numbers.len() * 8);
    let mut digits = String::new();
    for number in numbers {
        match number {
            None => builder.append_null(),
            Some(number) => {
                digits.clear();
                write!(digits, "{number}").ok()?;
                if limit > 0 && digits.len() > limit {
                    return None;
                }
                builder.append_value(&digits);
            }
        }
    }
    Some(Arc::new(builder.finish()))
}

fn parsed(
    array: &ArrayRef,
    from: DataType,
    to: DataType,
    locale_id: u32,
    faults: &mut Faults,
) -> Option<ArrayRef> {
    let texts: &StringArray = array.as_string_opt::<i32>()?;
    let mut builder = ColumnBuilder::new(to, texts.len());
    let mut found = Vec::new();
    for (row, text) in texts.iter().enumerate() {
        let Some(text) = text else {
            builder.push_null();
            continue;
        };
        match parse_as(text, from, to, locale_id) {
            Ok(converted) if converted.truncated => return None,
            Ok(converted) => builder.push(&converted.value).ok()?,
            Err(error) => {
                builder.push_null();
                found.push((row, Fault::Conversion(error)));
            }
        }
    }
    faults.append(&mut found);
    Some(builder.finish())
}
