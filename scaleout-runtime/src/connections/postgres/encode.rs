//! Cells as PostgreSQL's binary values.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::decode::{EPOCH_DAYS, TICKS_PER_MICROSECOND};
use super::numeric;
use crate::connections::cell::{Cell, CellBuilder, CellProblem, CellReader, cell_text, rescale};
use crate::value::{DataType, TICKS_PER_DAY};

/// A cell as a parameter of a statement.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) Cell<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(
        &self,
        wanted: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if self.0 == Cell::Null {
            return Ok(IsNull::Yes);
        }
        let mut bytes = Vec::new();
        encode(self.0, wanted, &mut bytes)?;
        out.extend_from_slice(&bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Writes the bytes of a value that is not NULL.
pub(super) fn encode(cell: Cell<'_>, wanted: &Type, out: &mut Vec<u8>) -> Result<(), CellProblem> {
    match *wanted {
        Type::BOOL => match cell {
            Cell::Bool(value) => out.push(value.into()),
            other => {
                return through(other, DataType::Bool, wanted, out);
            }
        },
        Type::INT2 => out.extend(integer::<i16>(cell)?.to_be_bytes()),
        Type::INT4 => out.extend(integer::<i32>(cell)?.to_be_bytes()),
        Type::INT8 => out.extend(integer::<i64>(cell)?.to_be_bytes()),
        Type::OID => out.extend(integer::<u32>(cell)?.to_be_bytes()),
        Type::FLOAT4 => match cell {
            Cell::Real(value) => out.extend(value.to_be_bytes()),
            other => return through(other, DataType::R4, wanted, out),
        },
        Type::FLOAT8 => match cell {
            Cell::Float(value) => out.extend(value.to_be_bytes()),
            other => return through(other, DataType::R8, wanted, out),
        },
        Type::NUMERIC | Type::MONEY => return decimal(cell, wanted, out),
        Type::BYTEA => match cell {
            Cell::Bytes(bytes) => out.extend(bytes),
            other => return through(other, DataType::Image, wanted, out),
        },
        Type::UUID => match cell {
            Cell::Guid(bytes) => out.extend(bytes),
            other => return through(other, DataType::Guid, wanted, out),
        },
        Type::DATE => match cell {
            Cell::Date(days) => out.extend(days.saturating_sub(EPOCH_DAYS).to_be_bytes()),
            other => return through(other, DataType::DbDate, wanted, out),
        },
        Type::TIME => match cell {
            Cell::Time(ticks) => out.extend((ticks / TICKS_PER_MICROSECOND).to_be_bytes()),
            other => return through(other, DataType::DbTime2 { scale: 7 }, wanted, out),
        },
        Type::TIMESTAMP => match cell {
            Cell::Timestamp(ticks) => out.extend(microseconds(ticks).to_be_bytes()),
            other => return through(other, DataType::DbTimestamp2 { scale: 7 }, wanted, out),
        },
        Type::TIMESTAMPTZ => match cell {
            Cell::Offset { utc, .. } => out.extend(microseconds(utc).to_be_bytes()),
            other => return through(other, DataType::DbTimestampOffset { scale: 7 }, wanted, out),
        },
        _ => return text(cell, wanted, out),
    }
    Ok(())
}

/// Converts to the type that the column has, then writes that.
fn through(
    cell: Cell<'_>,
    data_type: DataType,
    wanted: &Type,
    out: &mut Vec<u8>,
) -> Result<(), CellProblem> {
    let mut builder = CellBuilder::new(data_type);
    builder.push(cell)?;
    let array = builder.finish();
    let reader = CellReader::new(array.as_ref(), data_type).ok_or(CellProblem::Mismatch)?;
    encode(reader.cell(0), wanted, out)
}

fn integer<T: TryFrom<i64>>(cell: Cell<'_>) -> Result<T, CellProblem> {
    let value = match cell {
        Cell::Int(value) => value,
        Cell::Uint(value) => i64::try_from(value).map_err(|_| CellProblem::Overflow)?,
        Cell::Bool(value) => value.into(),
        other => {
            let mut builder = CellBuilder::new(DataType::I8);
            builder.push(other)?;
            let array = builder.finish();
            let reader = CellReader::new(array.as_ref(), DataType::I8);
            match reader.map(|reader| reader.cell(0)) {
                Some(Cell::Int(value)) => value,
                _ => return Err(CellProblem::Mismatch),
            }
        }
    };
    T::try_from(value).map_err(|_| CellProblem::Overflow)
}

fn decimal(cell: Cell<'_>, wanted: &Type, out: &mut Vec<u8>) -> Result<(), CellProblem> {
    let (unscaled, scale) = match cell {
        Cell::Decimal { unscaled, scale } => (unscaled, scale),
        Cell::Int(value) => (value.into(), 0),
        Cell::Uint(value) => (value.into(), 0),
        Cell::Bool(value) => (i128::from(value), 0),
        Cell::Real(_) | Cell::Float(_) | Cell::Str(_) => {
            let text = cell_text(&cell).unwrap_or_default();
            crate::connections::cell::parse_decimal(&text).ok_or(CellProblem::Mismatch)?
        }
        _ => return Err(CellProblem::Mismatch),
    };
    if *wanted == Type::MONEY {
        let cents = rescale(unscaled, scale, 2).ok_or(CellProblem::Overflow)?;
        let cents = i64::try_from(cents).map_err(|_| CellProblem::Overflow)?;
        out.extend(cents.to_be_bytes());
    } else {
        numeric::encode(unscaled, scale, out);
    }
    Ok(())
}

fn text(cell: Cell<'_>, wanted: &Type, out: &mut Vec<u8>) -> Result<(), CellProblem> {
    let text = cell_text(&cell).ok_or(CellProblem::Mismatch)?;
    // PostgreSQL has no text with this character, and says so only when all is sent.
    if text.contains('\0') {
        return Err(CellProblem::Mismatch);
    }
    if *wanted == Type::JSONB {
        out.push(1);
    }
    out.extend(text.as_bytes());
    Ok(())
}

fn microseconds(ticks: i64) -> i64 {
    let since = ticks.saturating_sub(i64::from(EPOCH_DAYS) * TICKS_PER_DAY);
    since.div_euclid(TICKS_PER_MICROSECOND)
}

#[cfg(test)]
mod tests {
    use tokio_postgres::types::FromSql;

    use super::super::decode::Raw;
    use super::*;

    #[test]
    fn values_survive_the_wire() {
        let decimal = |unscaled, scale| Cell::Decimal { unscaled, scale };
        for (cell, wanted, back) in [
            (Cell::Int(-7), Type::INT2, Cell::Int(-7)),
            (Cell::Str("42"), Type::INT4, Cell::Int(42)),
            (Cell::Uint(7), Type::INT8, Cell::Int(7)),
            (Cell::Int(1), Type::BOOL, Cell::Bool(true)),
            (Cell::Real(0.5), Type::FLOAT8, Cell::Float(0.5)),
            (decimal(-1250, 2), Type::NUMERIC, decimal(-1250, 2)),
            (decimal(12345, 4), Type::MONEY, decimal(123, 2)),
            (Cell::Str("ä"), Type::VARCHAR, Cell::Str("ä")),
            (Cell::Guid([7; 16]), Type::UUID, Cell::Guid([7; 16])),
            (Cell::Date(-1), Type::DATE, Cell::Date(-1)),
            (Cell::Timestamp(-10), Type::TIMESTAMP, Cell::Timestamp(-10)),
            (
                Cell::Str("1970-01-02"),
                Type::TIMESTAMP,
                Cell::Timestamp(TICKS_PER_DAY),
            ),
            (Cell::Time(10), Type::TIME, Cell::Time(10)),
            (
                Cell::Offset {
                    utc: 50,
                    minutes: 60,
                },
                Type::TIMESTAMPTZ,
                Cell::Offset {
                    utc: 50,
                    minutes: 0,
                },
            ),
            (Cell::Str("{}"), Type::JSONB, Cell::Str("{}")),
        ] {
            let mut bytes = Vec::new();
            encode(cell, &wanted, &mut bytes).unwrap();
            let raw = Raw::from_sql(&wanted, &bytes).unwrap();
            assert_eq!(raw.cell(), Ok(back), "{cell:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (cell, wanted, problem) in [
            (Cell::Int(40_000), Type::INT2, CellProblem::Overflow),
            (Cell::Str("x"), Type::INT4, CellProblem::Mismatch),
            (Cell::Str("a\0"), Type::TEXT, CellProblem::Mismatch),
        ] {
            assert_eq!(encode(cell, &wanted, &mut Vec::new()), Err(problem));
        }
    }
}
