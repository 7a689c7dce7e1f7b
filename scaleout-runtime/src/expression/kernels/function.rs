//! Functions over arrays.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int32Array, Int32Builder, UInt16Array};
use arrow::buffer::NullBuffer;
use arrow::compute::{interleave, is_null as nulls_as_flags};

use super::super::cells::Cells;
use super::super::evaluation_error::Fault;
use super::super::functions::{Body, Function};
use super::compare::{Texts, texts};
use super::lane::{integers, is_null, nulls_of};
use super::{Faults, text};
use crate::convert::{array_of, digits_of};
use crate::value::{DataType, Value};

/// A function of which at least one argument is an array.
pub(in super::super) fn call(
    function: &'static Function,
    arguments: &[Cells],
    types: &[DataType],
    result: DataType,
    rows: usize,
    faults: &mut Faults,
) -> Option<ArrayRef> {
    if arguments
        .iter()
        .all(|cells| matches!(cells, Cells::Constant(_)))
    {
        return None;
    }
    match (function.name, arguments) {
        ("ISNULL", [Cells::Array(array)]) => {
            let flags: BooleanArray = nulls_as_flags(array.as_ref()).ok()?;
            return Some(Arc::new(flags));
        }
        ("REPLACENULL", [Cells::Array(array), other]) => return replace_null(array, other, types),
        ("UPPER", [Cells::Array(array)]) => {
            let done = text::in_ascii(array, <[u8]>::make_ascii_uppercase);
            if done.is_some() {
                return done;
            }
        }
        ("LOWER", [Cells::Array(array)]) => {
            let done = text::in_ascii(array, <[u8]>::make_ascii_lowercase);
            if done.is_some() {
                return done;
            }
        }
        _ => {}
    }
    if arguments.iter().any(is_null) {
        return None;
    }
    let nulls = arguments
        .iter()
        .fold(None, |nulls: Option<NullBuffer>, cells| {
            NullBuffer::union(nulls.as_ref(), nulls_of(cells))
        });
    let nulls = nulls.as_ref();
    let source = || texts(arguments.first()?);
    match function.body {
        Body::Text(body) => Some(text::map(&source()?, nulls, rows, faults, |text, _| {
            Ok(body(text))
        })),
        Body::TextCount(body) => {
            let count = counts(arguments, types, 1)?;
            Some(text::map(&source()?, nulls, rows, faults, |text, row| {
                body(text, count.at(row))
            }))
        }
        Body::TextRange(body) => {
            let (first, second) = (counts(arguments, types, 1)?, counts(arguments, types, 2)?);
            Some(text::map(&source()?, nulls, rows, faults, |text, row| {
                body(text, first.at(row), second.at(row))
            }))
        }
        Body::Text3(body) => {
            let (second, third) = (texts(arguments.get(1)?)?, texts(arguments.get(2)?)?);
            Some(text::map(&source()?, nulls, rows, faults, |text, row| {
                body(text, second.at(row), third.at(row))
            }))
        }
        Body::Find(body) => {
            let (search, occurrence) = (texts(arguments.get(1)?)?, counts(arguments, types, 2)?);
            find(&source()?, nulls, rows, result, faults, |text, row| {
                body(text, search.at(row), occurrence.at(row))
            })
        }
        Body::Measure(body) => measure(&source()?, nulls, rows, result, body),
        Body::Float(_) | Body::Strict(_) | Body::Any(_) => None,
    }
}

/// A position for each row; `None` when one does not fit the type, which the caller will say.
fn find(
    source: &Texts<'_>,
    nulls: Option<&NullBuffer>,
    rows: usize,
    result: DataType,
    faults: &mut Faults,
    body: impl Fn(&str, usize) -> Result<i64, Fault>,
) -> Option<ArrayRef> {
    if result != DataType::I4 {
        return None;
    }
    let mut found = Int32Builder::with_capacity(rows);
    let mut failed = Vec::new();
    for row in 0..rows {
        if nulls.is_some_and(|nulls| nulls.is_null(row)) {
            found.append_null();
            continue;
        }
        match body(source.at(row), row) {
            Ok(position) => found.append_value(i32::try_from(position).ok()?),
            Err(fault) => {
                found.append_null();
                failed.push((row, fault));
            }
        }
    }
    faults.append(&mut failed);
    Some(Arc::new(found.finish()))
}

fn measure(
    source: &Texts<'_>,
    nulls: Option<&NullBuffer>,
    rows: usize,
    result: DataType,
    body: fn(&str) -> Option<i64>,
) -> Option<ArrayRef> {
    let measured = (0..rows).map(|row| match nulls {
        Some(nulls) if nulls.is_null(row) => None,
        _ => body(source.at(row)),
    });
    match result {
        DataType::I4 => {
            let fitted = measured.map(|value| value.and_then(|value| i32::try_from(value).ok()));
            Some(Arc::new(fitted.collect::<Int32Array>()))
        }
        DataType::Ui2 => {
            let fitted = measured.map(|value| value.and_then(|value| u16::try_from(value).ok()));
            Some(Arc::new(fitted.collect::<UInt16Array>()))
        }
        _ => None,
    }
}

/// Counts of characters: one for all rows, or one per row.
enum Counts {
    One(i64),
    Many(Vec<i64>),
}

impl Counts {
    fn at(&self, row: usize) -> i64 {
        match self {
            Self::One(count) => *count,
            Self::Many(counts) => counts[row],
        }
    }
}

fn counts(arguments: &[Cells], types: &[DataType], index: usize) -> Option<Counts> {
    match arguments.get(index)? {
        Cells::Constant(value) => {
            let (digits, _) = digits_of(value, *types.get(index)?)?;
            i64::try_from(digits).ok().map(Counts::One)
        }
        many => integers(many).map(Counts::Many),
    }
}

fn replace_null(array: &ArrayRef, other: &Cells, types: &[DataType]) -> Option<ArrayRef> {
    if array.null_count() == 0 {
        return Some(Arc::clone(array));
    }
    let (replacement, constant) = match other {
        Cells::Array(replacement) => (Arc::clone(replacement), false),
        Cells::Constant(value) => {
            let one: &[Value] = std::slice::from_ref(value);
            (array_of(one, *types.first()?).ok()?, true)
        }
    };
    let places: Vec<(usize, usize)> = (0..array.len())
        .map(|row| match (array.is_null(row), constant) {
            (false, _) => (0, row),
            (true, true) => (1, 0),
            (true, false) => (1, row),
        })
        .collect();
    interleave(&[array.as_ref(), replacement.as_ref()], &places).ok()
}
