//! Comparisons and logic over arrays.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::{and_kleene, or_kleene};
use arrow::datatypes::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};

use super::super::cells::Cells;
use super::super::operators::holds;
use super::super::plan::Operation;
use super::super::syntax::Binary;
use super::arithmetic::{
    as_i1, as_i2, as_i4, as_i8, as_r4, as_r8, as_ui1, as_ui2, as_ui4, as_ui8, digits,
};
use super::lane::{is_null, lane, nulls_of};
use crate::convert::{compare_decimals, compare_text};
use crate::value::{DataType, Value};

/// `&&` and `||`.
pub(super) fn logical(
    operator: Binary,
    left: &Cells,
    right: &Cells,
    rows: usize,
) -> Option<ArrayRef> {
    let left = left.clone().into_array(rows, DataType::Bool).ok()?;
    let right = right.clone().into_array(rows, DataType::Bool).ok()?;
    let (left, right) = (left.as_boolean_opt()?, right.as_boolean_opt()?);
    let result = match operator {
        Binary::And => and_kleene(left, right),
        _ => or_kleene(left, right),
    };
    Some(Arc::new(result.ok()?))
}

/// The six comparisons.
pub(super) fn compare(
    operation: &Operation,
    left: &Cells,
    right: &Cells,
    rows: usize,
    locale_id: u32,
) -> Option<ArrayRef> {
    if is_null(left) || is_null(right) {
        return None;
    }
    let of = Comparison {
        operator: operation.operator,
        left,
        right,
        rows,
    };
    let (one, other) = (operation.left, operation.right);
    match one {
        DataType::Str { .. } | DataType::Wstr { .. } => of.text(locale_id),
        DataType::Bool => of.booleans(),
        DataType::Cy | DataType::Decimal { .. } | DataType::Numeric { .. } => {
            of.decimals(operation)
        }
        _ if matches!(
            other,
            DataType::Cy | DataType::Decimal { .. } | DataType::Numeric { .. }
        ) =>
        {
            of.decimals(operation)
        }
        DataType::I1 => of.native::<Int8Type>(as_i1),
        DataType::I2 => of.native::<Int16Type>(as_i2),
        DataType::I4 => of.native::<Int32Type>(as_i4),
        DataType::I8 => of.native::<Int64Type>(as_i8),
        DataType::Ui1 => of.native::<UInt8Type>(as_ui1),
        DataType::Ui2 => of.native::<UInt16Type>(as_ui2),
        DataType::Ui4 => of.native::<UInt32Type>(as_ui4),
        DataType::Ui8 => of.native::<UInt64Type>(as_ui8),
        DataType::R4 => of.native::<Float32Type>(as_r4),
        DataType::R8 => of.native::<Float64Type>(as_r8),
        // A date against a date, a moment against a moment; mixed ones go row by row.
        DataType::DbDate => of.native::<Date32Type>(as_days),
        DataType::Date
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. }
        | DataType::FileTime => of.native::<Int64Type>(as_ticks),
        _ => None,
    }
}

fn as_days(value: &Value) -> Option<i32> {
    match value {
        Value::DbDate(days) => Some(*days),
        _ => None,
    }
}

fn as_ticks(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(ticks) => Some(*ticks),
        _ => None,
    }
}

struct Comparison<'a> {
    operator: Binary,
    left: &'a Cells,
    right: &'a Cells,
    rows: usize,
}

impl Comparison<'_> {
    fn native<T: ArrowPrimitiveType>(
        &self,
        constant: fn(&Value) -> Option<T::Native>,
    ) -> Option<ArrayRef>
    where
        T::Native: PartialOrd,
    {
        let left = lane::<T>(self.left, constant)?;
        let right = lane::<T>(self.right, constant)?;
        // NaN is not equal to anything, and neither less nor greater.
        let of_nan = self.operator == Binary::NotEqual;
        self.collect(|row| {
            left.at(row)
                .partial_cmp(&right.at(row))
                .map_or(of_nan, |order| holds(self.operator, order))
        })
    }

    fn decimals(&self, operation: &Operation) -> Option<ArrayRef> {
        let (left, left_scale) = digits(self.left, operation.left)?;
        let (right, right_scale) = digits(self.right, operation.right)?;
        let scale = left_scale.max(right_scale);
        // Mostly one has the other's scale, or is a constant that can be given it once.
        if let (Some(left), Some(right)) = (
            left.at_scale(left_scale, scale),
            right.at_scale(right_scale, scale),
        ) {
            return self.collect(|row| holds(self.operator, left.at(row).cmp(&right.at(row))));
        }
        let (left, right) = (left.lane(), right.lane());
        self.collect(|row| {
            let order = compare_decimals(left.at(row), left_scale, right.at(row), right_scale);
            holds(self.operator, order)
        })
    }

    fn booleans(&self) -> Option<ArrayRef> {
        let value = |cells: &Cells| match cells {
            Cells::Constant(Value::Bool(value)) => {
                Some(BooleanBuffer::collect_bool(self.rows, |_| *value))
            }
            Cells::Constant(_) => None,
            Cells::Array(array) => Some(array.as_boolean_opt()?.values().clone()),
        };
        let (left, right) = (value(self.left)?, value(self.right)?);
        self.collect(|row| holds(self.operator, left.value(row).cmp(&right.value(row))))
    }

    fn text(&self, locale_id: u32) -> Option<ArrayRef> {
        let (left, right) = (texts(self.left)?, texts(self.right)?);
        // Text is equal only to itself, so equality need not look at letters.
        let equality = matches!(self.operator, Binary::Equal | Binary::NotEqual);
        self.collect(|row| {
            let (left, right) = (left.at(row), right.at(row));
            let order = if equality {
                if left == right {
                    Ordering::Equal
                } else {
                    Ordering::Less
                }
            } else {
                compare_text(left, right, locale_id)
            };
            holds(self.operator, order)
        })
    }

    fn collect(&self, holds: impl Fn(usize) -> bool) -> Option<ArrayRef> {
        let nulls = NullBuffer::union(nulls_of(self.left), nulls_of(self.right));
        let values = match &nulls {
            // Not looked at: what stands under a null may be anything.
            Some(nulls) => {
                BooleanBuffer::collect_bool(self.rows, |row| nulls.is_valid(row) && holds(row))
            }
            None => BooleanBuffer::collect_bool(self.rows, holds),
        };
        Some(Arc::new(BooleanArray::new(values, nulls)))
    }
}

/// A text operand.
pub(super) enum Texts<'a> {
    One(&'a str),
    Many(&'a StringArray),
}

impl<'a> Texts<'a> {
    pub(super) fn at(&self, row: usize) -> &'a str {
        match self {
            Self::One(text) => text,
            Self::Many(array) => array.value(row),
        }
    }
}

pub(super) fn texts(cells: &Cells) -> Option<Texts<'_>> {
    match cells {
        Cells::Constant(Value::Str(text)) => Some(Texts::One(text)),
        Cells::Constant(_) => None,
        Cells::Array(array) => Some(Texts::Many(array.as_string_opt::<i32>()?)),
    }
}
