//! Sums and averages as values of the type of their column.

use crate::convert::{ConvertError, convert, pow10, rescale, round_div};
use crate::value::{DataType, Value};

/// What has been added up: exactly where the values are exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sum {
    /// Integers and decimals of one scale.
    Exact {
        /// Digits without the point.
        digits: i128,
        /// Digits behind the point.
        scale: u8,
    },
    /// Floating point.
    Double(f64),
}

/// The sum as a value; `None` when it does not fit the type.
pub fn sum(sum: Sum, to: DataType, locale_id: u32) -> Option<Value> {
    converted(sum, to, locale_id)
}

/// The average of so many values; `None` when it does not fit the type. Integers drop what is
/// behind the point, decimals round it.
pub fn average(sum: Sum, count: u64, to: DataType, locale_id: u32) -> Option<Value> {
    let count = i128::from(count.max(1));
    let average = match (sum, decimal_places(to)) {
        (Sum::Double(sum), _) => Sum::Double(sum / count as f64),
        (Sum::Exact { digits, scale }, Places::Binary) => {
            Sum::Double(digits as f64 / count as f64 / pow10(scale) as f64)
        }
        (Sum::Exact { digits, scale }, Places::None) => Sum::Exact {
            digits: rescale(digits, scale, 0)? / count,
            scale: 0,
        },
        (Sum::Exact { digits, scale }, Places::Decimal(wanted)) => {
            let larger = scale.max(wanted);
            Sum::Exact {
                digits: round_div(rescale(digits, scale, larger)?, count),
                scale: larger,
            }
        }
    };
    converted(average, to, locale_id)
}

/// What a type has behind the point.
enum Places {
    None,
    Decimal(u8),
    Binary,
}

fn decimal_places(data_type: DataType) -> Places {
    match data_type {
        DataType::R4 | DataType::R8 => Places::Binary,
        DataType::Cy => Places::Decimal(4),
        DataType::Decimal { scale } | DataType::Numeric { scale, .. } => Places::Decimal(scale),
        _ => Places::None,
    }
}

fn converted(sum: Sum, to: DataType, locale_id: u32) -> Option<Value> {
    let (value, from) = match sum {
        Sum::Exact { digits, scale } => {
            let precision = 38;
            (
                Value::Decimal(digits),
                DataType::Numeric { precision, scale },
            )
        }
        Sum::Double(sum) if !sum.is_finite() => return None,
        Sum::Double(sum) => (Value::R8(sum), DataType::R8),
    };
    let result: Result<_, ConvertError> = convert(&value, from, to, locale_id);
    // Every reason why a number is no value of a type of numbers is its size.
    let value = result.ok()?.value;
    match value {
        Value::R4(single) if !single.is_finite() => None,
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: Option<Value>) -> String {
        value.map_or("overflow".to_owned(), |value| format!("{value:?}"))
    }

    #[test]
    fn a_sum_fits_its_type_or_overflows() {
        let exact = |digits, scale| Sum::Exact { digits, scale };
        let numeric = DataType::Numeric {
            precision: 5,
            scale: 2,
        };
        let cases = [
            (
                exact(i128::from(i32::MAX), 0),
                DataType::I4,
                "I4(2147483647)",
            ),
            (exact(i128::from(i32::MAX) + 1, 0), DataType::I4, "overflow"),
            (exact(-1, 0), DataType::Ui8, "overflow"),
            (exact(99_999, 2), numeric, "Decimal(99999)"),
            (exact(100_000, 2), numeric, "overflow"),
            (exact(-25, 4), DataType::Cy, "Cy(-25)"),
            (Sum::Double(1.5), DataType::R8, "R8(1.5)"),
            (Sum::Double(1e300), DataType::R4, "overflow"),
            (Sum::Double(f64::INFINITY), DataType::R8, "overflow"),
        ];
        for (value, to, expected) in cases {
            assert_eq!(shown(sum(value, to, 1033)), expected, "{value:?} as {to:?}");
        }
    }

    #[test]
    fn an_average_has_as_many_digits_as_its_type() {
        let exact = |digits, scale| Sum::Exact { digits, scale };
        let numeric = |scale| DataType::Numeric {
            precision: 18,
            scale,
        };
        let cases = [
            (exact(10, 0), 4, DataType::R8, "R8(2.5)"),
            (exact(-11, 0), 4, DataType::I8, "I8(-2)"),
            (exact(10, 1), 3, numeric(1), "Decimal(3)"),
            (exact(5, 1), 2, numeric(1), "Decimal(3)"),
            (exact(1, 0), 3, numeric(4), "Decimal(3333)"),
            (exact(20_000, 4), 3, DataType::Cy, "Cy(6667)"),
            (Sum::Double(1.0), 4, DataType::R4, "R4(0.25)"),
            (exact(i128::MAX, 0), 1, numeric(18), "overflow"),
        ];
        for (value, count, to, expected) in cases {
            assert_eq!(
                shown(average(value, count, to, 1033)),
                expected,
                "{value:?} by {count} as {to:?}"
            );
        }
    }
}
