//! Arithmetic over arrays.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, Decimal128Array, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};

use super::super::arithmetic::{Checked, decimal};
use super::super::cells::Cells;
use super::super::plan::Operation;
use super::Faults;
use super::lane::{Lane, integers, is_null, lane, map2, nulls_of, with_faults};
use crate::convert::{arrow_type, digits_of, rescale};
use crate::value::{DataType, Value};

/// `+ - * / % & ^ |` on numbers.
pub(super) fn arithmetic(
    operation: &Operation,
    left: &Cells,
    right: &Cells,
    rows: usize,
    faults: &mut Faults,
) -> Option<ArrayRef> {
    if is_null(left) || is_null(right) {
        return None;
    }
    let of = Operands {
        operation,
        left,
        right,
        rows,
    };
    match operation.result {
        DataType::I1 => of.native::<Int8Type>(faults, as_i1),
        DataType::I2 => of.native::<Int16Type>(faults, as_i2),
        DataType::I4 => of.native::<Int32Type>(faults, as_i4),
        DataType::I8 => of.native::<Int64Type>(faults, as_i8),
        DataType::Ui1 => of.native::<UInt8Type>(faults, as_ui1),
        DataType::Ui2 => of.native::<UInt16Type>(faults, as_ui2),
        DataType::Ui4 => of.native::<UInt32Type>(faults, as_ui4),
        DataType::Ui8 => of.native::<UInt64Type>(faults, as_ui8),
        DataType::R4 => of.native::<Float32Type>(faults, as_r4),
        DataType::R8 => of.native::<Float64Type>(faults, as_r8),
        DataType::Cy | DataType::Numeric { .. } => of.decimal(faults),
        _ => None,
    }
}

macro_rules! native_of_value {
    ($($name:ident $variant:ident $native:ty;)*) => {$(
        pub(super) fn $name(value: &Value) -> Option<$native> {
            match value {
                Value::$variant(value) => Some(*value),
                _ => None,
            }
        }
    )*};
}

native_of_value! {
    as_i1 I1 i8;
    as_i2 I2 i16;
    as_i4 I4 i32;
    as_i8 I8 i64;
    as_ui1 Ui1 u8;
    as_ui2 Ui2 u16;
    as_ui4 Ui4 u32;
    as_ui8 Ui8 u64;
    as_r4 R4 f32;
    as_r8 R8 f64;
}

struct Operands<'a> {
    operation: &'a Operation,
    left: &'a Cells,
    right: &'a Cells,
    rows: usize,
}

impl Operands<'_> {
    fn nulls(&self) -> Option<NullBuffer> {
        NullBuffer::union(nulls_of(self.left), nulls_of(self.right))
    }

    fn native<T: ArrowPrimitiveType>(
        &self,
        faults: &mut Faults,
        constant: fn(&Value) -> Option<T::Native>,
    ) -> Option<ArrayRef>
    where
        T::Native: Checked,
    {
        let left = lane::<T>(self.left, constant)?;
        let right = lane::<T>(self.right, constant)?;
        let Operation {
            operator, result, ..
        } = *self.operation;
        let nulls = self.nulls();
        let apply = |left: T::Native, right| left.apply(operator, right, result);
        let values = map2(self.rows, nulls.as_ref(), &left, &right, apply, faults);
        let nulls = with_faults(self.rows, nulls, faults);
        Some(Arc::new(PrimitiveArray::<T>::new(values.into(), nulls)))
    }

    fn decimal(&self, faults: &mut Faults) -> Option<ArrayRef> {
        let (left, left_scale) = digits(self.left, self.operation.left)?;
        let (right, right_scale) = digits(self.right, self.operation.right)?;
        let Operation {
            operator, result, ..
        } = *self.operation;
        let nulls = self.nulls();
        let apply =
            |left, right| decimal(operator, (left, left_scale), (right, right_scale), result);
        let (left, right) = (left.lane(), right.lane());
        let values = map2(self.rows, nulls.as_ref(), &left, &right, apply, faults);
        let nulls = with_faults(self.rows, nulls, faults);
        let array = Decimal128Array::new(values.into(), nulls);
        Some(Arc::new(array.with_data_type(arrow_type(result))))
    }
}

/// Digits of a decimal operand, which may be an integer.
pub(super) enum Digits<'a> {
    One(i128),
    Borrowed(&'a [i128]),
    Widened(Vec<i128>),
}

impl Digits<'_> {
    pub(super) fn lane(&self) -> Lane<'_, i128> {
        match self {
            Self::One(value) => Lane::One(*value),
            Self::Borrowed(values) => Lane::Many(values),
            Self::Widened(values) => Lane::Many(values),
        }
    }

    /// As they are at another scale, where that takes no more than one number.
    pub(super) fn at_scale(&self, from: u8, to: u8) -> Option<Lane<'_, i128>> {
        match self {
            Self::One(value) => rescale(*value, from, to).map(Lane::One),
            _ => (from == to).then(|| self.lane()),
        }
    }
}

pub(super) fn digits(cells: &Cells, data_type: DataType) -> Option<(Digits<'_>, u8)> {
    match cells {
        Cells::Constant(value) => {
            let (digits, scale) = digits_of(value, data_type)?;
            Some((Digits::One(digits), scale))
        }
        Cells::Array(array) => match data_type {
            DataType::Cy => Some((borrowed(array)?, 4)),
            DataType::Decimal { scale } | DataType::Numeric { scale, .. } => {
                Some((borrowed(array)?, scale))
            }
            _ => {
                let wide = integers(cells)?.into_iter().map(i128::from).collect();
                Some((Digits::Widened(wide), 0))
            }
        },
    }
}

fn borrowed(array: &ArrayRef) -> Option<Digits<'_>> {
    Some(Digits::Borrowed(
        array.as_primitive_opt::<Decimal128Type>()?.values(),
    ))
}
