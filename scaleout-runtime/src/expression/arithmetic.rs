//! Arithmetic that notices when a result does not fit.

use super::evaluation_error::Fault;
use super::syntax::Binary;
use crate::convert::{pow10, rescale};
use crate::value::DataType;

/// A native number with the operators of the language.
pub(super) trait Checked: Copy {
    /// The result, or why there is none; `data_type` is for the message.
    fn apply(self, operator: Binary, right: Self, data_type: DataType) -> Result<Self, Fault>;
}

macro_rules! checked_integer {
    ($($native:ty)*) => {$(
        impl Checked for $native {
            fn apply(
                self,
                operator: Binary,
                right: Self,
                data_type: DataType,
            ) -> Result<Self, Fault> {
                let result = match operator {
                    Binary::Add => self.checked_add(right),
                    Binary::Subtract => self.checked_sub(right),
                    Binary::Multiply => self.checked_mul(right),
                    Binary::Divide | Binary::Modulo if right == 0 => {
                        return Err(Fault::DivisionByZero);
                    }
                    Binary::Divide => self.checked_div(right),
                    // The smallest integer modulo -1 is 0, though the quotient overflows.
                    Binary::Modulo => Some(self.checked_rem(right).unwrap_or(0)),
                    Binary::BitAnd => Some(self & right),
                    Binary::BitOr => Some(self | right),
                    _ => Some(self ^ right),
                };
                result.ok_or(Fault::Overflow(data_type))
            }
        }
    )*};
}

checked_integer!(i8 i16 i32 i64 u8 u16 u32 u64);

macro_rules! checked_float {
    ($($native:ty)*) => {$(
        impl Checked for $native {
            fn apply(
                self,
                operator: Binary,
                right: Self,
                data_type: DataType,
            ) -> Result<Self, Fault> {
                let result = match operator {
                    Binary::Add => self + right,
                    Binary::Subtract => self - right,
                    Binary::Multiply => self * right,
                    _ if right == 0.0 => return Err(Fault::DivisionByZero),
                    _ => self / right,
                };
                if result.is_infinite() && self.is_finite() && right.is_finite() {
                    return Err(Fault::Overflow(data_type));
                }
                Ok(result)
            }
        }
    )*};
}

checked_float!(f32 f64);

/// Digits and scale.
pub(super) type Digits = (i128, u8);

/// Arithmetic on decimals of any scale: the digits of the result at the scale of its type.
pub(super) fn decimal(
    operator: Binary,
    (left, left_scale): Digits,
    (right, right_scale): Digits,
    result: DataType,
) -> Result<i128, Fault> {
    let (precision, scale) = match result {
        DataType::Numeric { precision, scale } => (precision, scale),
        _ => (19, 4),
    };
    let overflow = || Fault::Overflow(result);
    let digits = match operator {
        Binary::Add | Binary::Subtract => {
            let left = rescale(left, left_scale, scale).ok_or_else(overflow)?;
            let right = rescale(right, right_scale, scale).ok_or_else(overflow)?;
            match operator {
                Binary::Add => left.checked_add(right),
                _ => left.checked_sub(right),
            }
        }
        Binary::Multiply => left
            .checked_mul(right)
            .and_then(|product| rescale(product, left_scale + right_scale, scale)),
        _ if right == 0 => return Err(Fault::DivisionByZero),
        _ => quotient((left, left_scale), (right, right_scale), scale),
    };
    let digits = digits.ok_or_else(overflow)?;
    if digits.unsigned_abs() >= pow10(precision).unsigned_abs() {
        return Err(overflow());
    }
    Ok(digits)
}

fn quotient((left, left_scale): Digits, (right, right_scale): Digits, scale: u8) -> Option<i128> {
    let shift = i32::from(scale) - i32::from(left_scale) + i32::from(right_scale);
    if shift >= 0 {
        let factor = u8::try_from(shift).ok().filter(|power| *power <= 38)?;
        Some(left.checked_mul(pow10(factor))? / right)
    } else {
        let factor = u8::try_from(-shift).ok().filter(|power| *power <= 38)?;
        Some(left / right.checked_mul(pow10(factor))?)
    }
}
