//! Text over arrays.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};

use super::super::cells::Cells;
use super::super::evaluation_error::Fault;
use super::Faults;
use super::compare::{Texts, texts};
use super::lane::{is_null, nulls_of};

/// Several operands joined, row by row; null where one of them is.
pub(in super::super) fn concatenate(operands: &[Cells], rows: usize) -> Option<ArrayRef> {
    let constant = operands
        .iter()
        .all(|cells| matches!(cells, Cells::Constant(_)));
    if constant || operands.iter().any(is_null) {
        return None;
    }
    let lanes: Vec<Texts<'_>> = operands.iter().map(texts).collect::<Option<_>>()?;
    let nulls = operands
        .iter()
        .fold(None, |nulls: Option<NullBuffer>, cells| {
            NullBuffer::union(nulls.as_ref(), nulls_of(cells))
        });
    let size = lanes
        .iter()
        .map(|lane| match lane {
            Texts::One(text) => text.len() * rows,
            Texts::Many(array) => array.value_data().len(),
        })
        .sum();
    let mut builder = StringBuilder::with_capacity(rows, size);
    let mut joined = String::new();
    for row in 0..rows {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            builder.append_null();
            continue;
        }
        joined.clear();
        for lane in &lanes {
            joined.push_str(lane.at(row));
        }
        builder.append_value(&joined);
    }
    Some(Arc::new(builder.finish()))
}

/// A column of ASCII texts with its bytes changed in one go, each to another of ASCII; `None` when
/// there are others.
pub(super) fn in_ascii(array: &ArrayRef, change: fn(&mut [u8])) -> Option<ArrayRef> {
    let texts: &StringArray = array.as_string_opt::<i32>()?;
    let offsets = texts.value_offsets();
    let start = usize::try_from(*offsets.first()?).ok()?;
    let end = usize::try_from(*offsets.last()?).ok()?;
    let bytes = texts.value_data().get(start..end)?;
    if !bytes.is_ascii() {
        return None;
    }
    let mut bytes = bytes.to_vec();
    change(&mut bytes);
    let lengths = OffsetBuffer::from_lengths(texts.offsets().lengths());
    let nulls = texts.nulls().cloned();
    let changed = StringArray::try_new(lengths, bytes.into(), nulls);
    Some(Arc::new(changed.ok()?))
}

/// A function from text to text, row by row, wherever no operand is null.
pub(super) fn map<'a>(
    source: &Texts<'a>,
    nulls: Option<&NullBuffer>,
    rows: usize,
    faults: &mut Faults,
    apply: impl Fn(&'a str, usize) -> Result<Cow<'a, str>, Fault>,
) -> ArrayRef {
    let size = match source {
        Texts::One(text) => text.len() * rows,
        Texts::Many(array) => array.value_data().len(),
    };
    let mut builder = StringBuilder::with_capacity(rows, size);
    for row in 0..rows {
        if nulls.is_some_and(|nulls| nulls.is_null(row)) {
            builder.append_null();
            continue;
        }
        match apply(source.at(row), row) {
            Ok(text) => builder.append_value(text),
            Err(fault) => {
                builder.append_null();
                faults.push((row, fault));
            }
        }
    }
    Arc::new(builder.finish())
}
