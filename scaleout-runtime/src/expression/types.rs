//! Which type an operator gives.

use super::mistake::Mistake;
use super::syntax::Binary;
use crate::convert::is_legal;
use crate::value::DataType;

/// Longest `DT_WSTR`.
pub(super) const MAX_WSTR: u32 = 4000;
/// Most digits of a `DT_NUMERIC`.
const MAX_PRECISION: u8 = 38;
/// A quotient keeps at least so many digits after the point.
const MIN_QUOTIENT_SCALE: u8 = 6;

pub(super) fn is_signed(data_type: DataType) -> bool {
    use DataType::{I1, I2, I4, I8};
    matches!(data_type, I1 | I2 | I4 | I8)
}

pub(super) fn is_unsigned(data_type: DataType) -> bool {
    use DataType::{Ui1, Ui2, Ui4, Ui8};
    matches!(data_type, Ui1 | Ui2 | Ui4 | Ui8)
}

pub(super) fn is_integer(data_type: DataType) -> bool {
    is_signed(data_type) || is_unsigned(data_type)
}

pub(super) fn is_exact_decimal(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Cy | DataType::Decimal { .. } | DataType::Numeric { .. }
    )
}

pub(super) fn is_float(data_type: DataType) -> bool {
    matches!(data_type, DataType::R4 | DataType::R8)
}

pub(super) fn is_numeric(data_type: DataType) -> bool {
    is_integer(data_type) || is_exact_decimal(data_type) || is_float(data_type)
}

pub(super) fn is_string(data_type: DataType) -> bool {
    matches!(data_type, DataType::Str { .. } | DataType::Wstr { .. })
}

pub(super) fn is_character(data_type: DataType) -> bool {
    is_string(data_type) || matches!(data_type, DataType::Text { .. } | DataType::Ntext)
}

pub(super) fn is_blob(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Text { .. } | DataType::Ntext | DataType::Image
    )
}

pub(super) fn is_temporal(data_type: DataType) -> bool {
    is_clock(data_type)
        || matches!(
            data_type,
            DataType::Date
                | DataType::DbDate
                | DataType::DbTimestamp
                | DataType::DbTimestamp2 { .. }
                | DataType::DbTimestampOffset { .. }
                | DataType::FileTime
        )
}

/// A time of day without a date.
pub(super) fn is_clock(data_type: DataType) -> bool {
    matches!(data_type, DataType::DbTime | DataType::DbTime2 { .. })
}

/// Characters that a string type holds at most.
pub(super) fn string_length(data_type: DataType) -> u32 {
    match data_type {
        DataType::Str { length, .. } | DataType::Wstr { length } => length,
        _ => MAX_WSTR,
    }
}

/// Digits in all and after the point.
fn digits(data_type: DataType) -> (u8, u8) {
    match data_type {
        DataType::I1 | DataType::Ui1 => (3, 0),
        DataType::I2 | DataType::Ui2 => (5, 0),
        DataType::I4 | DataType::Ui4 => (10, 0),
        DataType::I8 => (19, 0),
        DataType::Ui8 => (20, 0),
        DataType::Cy => (19, 4),
        DataType::Decimal { scale } => (29, scale),
        DataType::Numeric { precision, scale } => (precision, scale),
        _ => (MAX_PRECISION, 0),
    }
}

fn width(data_type: DataType) -> u8 {
    match data_type {
        DataType::I1 | DataType::Ui1 => 1,
        DataType::I2 | DataType::Ui2 => 2,
        DataType::I4 | DataType::Ui4 => 4,
        _ => 8,
    }
}

/// Whether the first is an integer type all of whose values become values of the second, so that
/// the conversion cannot fail. A floating-point type takes every integer, if not exactly.
pub(super) fn holds_every_integer(from: DataType, to: DataType) -> bool {
    if !is_integer(from) {
        return false;
    }
    if is_float(to) {
        return true;
    }
    match (is_signed(from), is_signed(to)) {
        _ if !is_integer(to) => false,
        (true, false) => false,
        (false, true) => width(from) < width(to),
        (true, true) | (false, false) => width(from) <= width(to),
    }
}

/// The type that both operands of an operator become; `None` when there is none.
///
/// For a `DT_NUMERIC` it is the one that holds every value of both.
pub(super) fn common_numeric(left: DataType, right: DataType) -> Option<DataType> {
    if !is_numeric(left) || !is_numeric(right) {
        return None;
    }
    let either = |data_type| left == data_type || right == data_type;
    if either(DataType::R8) {
        return Some(DataType::R8);
    }
    if either(DataType::R4) {
        return Some(DataType::R4);
    }
    if left == DataType::Cy && right == DataType::Cy {
        return Some(DataType::Cy);
    }
    if is_exact_decimal(left) || is_exact_decimal(right) {
        let ((p1, s1), (p2, s2)) = (digits(left), digits(right));
        let scale = s1.max(s2);
        let whole = p1.saturating_sub(s1).max(p2.saturating_sub(s2));
        return Some(numeric(whole + scale, scale));
    }
    common_integer(left, right)
}

fn common_integer(left: DataType, right: DataType) -> Option<DataType> {
    let (wide_left, wide_right) = (width(left), width(right));
    if is_signed(left) == is_signed(right) {
        return Some(if wide_left >= wide_right { left } else { right });
    }
    let (signed, unsigned) = if is_signed(left) {
        (wide_left, wide_right)
    } else {
        (wide_right, wide_left)
    };
    // The signed type that holds the unsigned one is twice as wide.
    match signed.max(unsigned * 2) {
        2 => Some(DataType::I2),
        4 => Some(DataType::I4),
        8 => Some(DataType::I8),
        _ => None,
    }
}

fn numeric(precision: u8, scale: u8) -> DataType {
    DataType::Numeric {
        precision: precision.clamp(1, MAX_PRECISION),
        scale: scale.min(MAX_PRECISION),
    }
}

/// The type of a sum, difference, product, quotient or remainder, by the T-SQL rules. Where
/// those give more than 38 digits the whole part is what shrinks, and a value that does not
/// fit is an overflow of the row; only a product whose fraction alone is too long is refused.
pub(super) fn arithmetic(
    operator: Binary,
    left: DataType,
    right: DataType,
) -> Result<DataType, Mistake> {
    let sign = operator.sign();
    let mismatch = Mistake::BinaryTypes {
        operator: sign,
        left,
        right,
    };
    let Some(common) = common_numeric(left, right) else {
        return Err(unsupported_or(mismatch, sign, left, right));
    };
    if operator == Binary::Modulo && !(is_integer(left) && is_integer(right)) {
        return Err(Mistake::UnsupportedBinary {
            operator: sign,
            data_type: common,
        });
    }
    if !matches!(common, DataType::Numeric { .. }) {
        return Ok(common);
    }
    let ((p1, s1), (p2, s2)) = (digits(left), digits(right));
    Ok(match operator {
        Binary::Multiply if s1 + s2 > MAX_PRECISION => {
            return Err(Mistake::NumericOverflow {
                operator: sign,
                left,
                right,
            });
        }
        Binary::Multiply => numeric(p1 + p2 + 1, s1 + s2),
        Binary::Divide => {
            let whole = p1 - s1.min(p1) + s2;
            let wanted = MIN_QUOTIENT_SCALE.max(s1 + p2 + 1);
            let room = MAX_PRECISION.saturating_sub(whole).max(MIN_QUOTIENT_SCALE);
            let scale = wanted.min(room);
            numeric(whole.saturating_add(scale), scale)
        }
        _ => {
            let scale = s1.max(s2);
            let whole = p1.saturating_sub(s1).max(p2.saturating_sub(s2));
            numeric(whole + scale + 1, scale)
        }
    })
}

/// Operands of one type that the operator does not have are a mistake of their own.
fn unsupported_or(
    mismatch: Mistake,
    operator: &'static str,
    left: DataType,
    right: DataType,
) -> Mistake {
    if left == right {
        return Mistake::UnsupportedBinary {
            operator,
            data_type: left,
        };
    }
    mismatch
}

/// The type of `&`, `^` and `|`.
pub(super) fn bitwise(
    operator: Binary,
    left: DataType,
    right: DataType,
) -> Result<DataType, Mistake> {
    let operator = operator.sign();
    if !is_integer(left) || !is_integer(right) {
        let data_type = if is_integer(left) { right } else { left };
        return Err(Mistake::UnsupportedBinary {
            operator,
            data_type,
        });
    }
    if is_signed(left) != is_signed(right) {
        return Err(Mistake::SignMismatch(operator));
    }
    common_integer(left, right).ok_or(Mistake::SignMismatch(operator))
}

/// The type that two dates or times become.
pub(super) fn common_temporal(left: DataType, right: DataType) -> Option<DataType> {
    use DataType::{DbTime2, DbTimestamp, DbTimestamp2, DbTimestampOffset};
    if !is_temporal(left) || !is_temporal(right) || is_clock(left) != is_clock(right) {
        return None;
    }
    if left == right {
        return Some(left);
    }
    let scale = fraction(left).max(fraction(right));
    let either = |test: fn(DataType) -> bool| test(left) || test(right);
    Some(if either(|t| matches!(t, DbTimestampOffset { .. })) {
        DbTimestampOffset { scale }
    } else if either(|t| matches!(t, DbTimestamp2 { .. })) {
        DbTimestamp2 { scale }
    } else if either(|t| matches!(t, DbTime2 { .. })) {
        DbTime2 { scale }
    } else {
        DbTimestamp
    })
}

fn fraction(data_type: DataType) -> u8 {
    match data_type {
        DataType::DbTime2 { scale }
        | DataType::DbTimestamp2 { scale }
        | DataType::DbTimestampOffset { scale } => scale,
        DataType::DbTimestamp | DataType::FileTime | DataType::Date => 3,
        _ => 0,
    }
}

/// The type that both operands of a comparison become.
pub(super) fn comparison(
    operator: Binary,
    left: DataType,
    right: DataType,
) -> Result<DataType, Mistake> {
    let equality = matches!(operator, Binary::Equal | Binary::NotEqual);
    let operator = operator.sign();
    let common = common_numeric(left, right)
        .or_else(|| common_temporal(left, right))
        .or_else(|| (is_string(left) && is_string(right)).then_some(longer(left, right)))
        .or_else(|| same_kind(left, right).then_some(left));
    let Some(common) = common else {
        return Err(Mistake::BinaryTypes {
            operator,
            left,
            right,
        });
    };
    let ordered = is_numeric(common) || is_temporal(common) || is_string(common);
    if !equality && !ordered {
        return Err(Mistake::UnsupportedBinary {
            operator,
            data_type: common,
        });
    }
    Ok(common)
}

/// The same type, whatever its length.
fn same_kind(left: DataType, right: DataType) -> bool {
    std::mem::discriminant(&left) == std::mem::discriminant(&right)
}

fn longer(left: DataType, right: DataType) -> DataType {
    DataType::Wstr {
        length: string_length(left).max(string_length(right)),
    }
}

/// The type of a concatenation.
pub(super) fn concatenation(left: DataType, right: DataType) -> Result<DataType, Mistake> {
    if left == DataType::Image && right == DataType::Image {
        return Ok(DataType::Image);
    }
    if !is_character(left) || !is_character(right) {
        return Err(Mistake::BinaryTypes {
            operator: "+",
            left,
            right,
        });
    }
    let length = string_length(left)
        .saturating_add(string_length(right))
        .min(MAX_WSTR);
    Ok(DataType::Wstr { length })
}

/// The type of `c ? a : b`.
pub(super) fn branches(left: DataType, right: DataType) -> Result<DataType, Mistake> {
    let mismatch = Mistake::Branches { left, right };
    if let Some(common) = common_numeric(left, right).or_else(|| common_temporal(left, right)) {
        return Ok(common);
    }
    match (left, right) {
        _ if is_string(left) && is_string(right) => Ok(longer(left, right)),
        (DataType::Text { code_page: one }, DataType::Text { code_page: other })
            if one != other =>
        {
            Err(Mistake::BranchCodePages)
        }
        (DataType::Bytes { length: one }, DataType::Bytes { length: other }) => {
            Ok(DataType::Bytes {
                length: one.max(other),
            })
        }
        (DataType::Ntext, other) | (other, DataType::Ntext)
            if is_character(other) && is_legal(other, DataType::Ntext) =>
        {
            Ok(DataType::Ntext)
        }
        _ if same_kind(left, right) => Ok(left),
        _ => Err(mismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::convert;
    use crate::value::Value;

    #[test]
    fn an_integer_type_holds_another_when_both_ends_of_its_range_fit() {
        use DataType::{I1, I2, I4, I8, R4, R8, Ui1, Ui2, Ui4, Ui8};
        let ends = [
            (I1, Value::I1(i8::MIN), Value::I1(i8::MAX)),
            (I2, Value::I2(i16::MIN), Value::I2(i16::MAX)),
            (I4, Value::I4(i32::MIN), Value::I4(i32::MAX)),
            (I8, Value::I8(i64::MIN), Value::I8(i64::MAX)),
            (Ui1, Value::Ui1(0), Value::Ui1(u8::MAX)),
            (Ui2, Value::Ui2(0), Value::Ui2(u16::MAX)),
            (Ui4, Value::Ui4(0), Value::Ui4(u32::MAX)),
            (Ui8, Value::Ui8(0), Value::Ui8(u64::MAX)),
        ];
        for (from, low, high) in &ends {
            for to in [I1, I2, I4, I8, Ui1, Ui2, Ui4, Ui8, R4, R8] {
                let fits = |value| convert(value, *from, to, 1033).is_ok();
                assert_eq!(
                    holds_every_integer(*from, to),
                    fits(low) && fits(high),
                    "{from:?} in {to:?}"
                );
            }
        }
    }
}
