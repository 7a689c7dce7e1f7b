//! PostgreSQL's binary values as cells.

use std::error::Error;

use tokio_postgres::types::{FromSql, Type};

use super::numeric;
use crate::connections::cell::{Cell, CellProblem};
use crate::value::TICKS_PER_DAY;

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL starts to count.
pub(super) const EPOCH_DAYS: i32 = 10_957;
/// Ticks of 100 ns in a microsecond.
pub(super) const TICKS_PER_MICROSECOND: i64 = 10;

/// A value as it came over the wire.
pub(super) struct Raw<'a> {
    bytes: &'a [u8],
    found: Type,
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(found: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let found = found.clone();
        Ok(Self { bytes, found })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl<'a> Raw<'a> {
    /// The value.
    pub(super) fn cell(&self) -> Result<Cell<'a>, CellProblem> {
        let bytes = self.bytes;
        Ok(match self.found {
            Type::BOOL => Cell::Bool(bytes.first() == Some(&1)),
            Type::INT2 => Cell::Int(i16::from_be_bytes(fixed(bytes)?).into()),
            Type::INT4 => Cell::Int(i32::from_be_bytes(fixed(bytes)?).into()),
            Type::INT8 => Cell::Int(i64::from_be_bytes(fixed(bytes)?)),
            Type::OID => Cell::Uint(u32::from_be_bytes(fixed(bytes)?).into()),
            Type::FLOAT4 => Cell::Real(f32::from_be_bytes(fixed(bytes)?)),
            Type::FLOAT8 => Cell::Float(f64::from_be_bytes(fixed(bytes)?)),
            Type::NUMERIC => {
                let (unscaled, scale) = numeric::decode(bytes).ok_or(CellProblem::Overflow)?;
                Cell::Decimal { unscaled, scale }
            }
            // Cents, as in every locale whose currency has them.
            Type::MONEY => Cell::Decimal {
                unscaled: i64::from_be_bytes(fixed(bytes)?).into(),
                scale: 2,
            },
            Type::JSONB => text(bytes.get(1..).unwrap_or_default())?,
            Type::BYTEA => Cell::Bytes(bytes),
            Type::UUID => Cell::Guid(fixed(bytes)?),
            Type::DATE => {
                let days = i32::from_be_bytes(fixed(bytes)?);
                Cell::Date(days.checked_add(EPOCH_DAYS).ok_or(CellProblem::Overflow)?)
            }
            Type::TIME => Cell::Time(i64::from_be_bytes(fixed(bytes)?) * TICKS_PER_MICROSECOND),
            Type::TIMESTAMP => Cell::Timestamp(ticks(bytes)?),
            Type::TIMESTAMPTZ => Cell::Offset {
                utc: ticks(bytes)?,
                minutes: 0,
            },
            _ => text(bytes)?,
        })
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], CellProblem> {
    bytes.try_into().map_err(|_| CellProblem::Mismatch)
}

fn text(bytes: &[u8]) -> Result<Cell<'_>, CellProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| CellProblem::Mismatch)?;
    Ok(Cell::Str(text))
}

/// `infinity` and what is beyond the calendar overflow here.
fn ticks(bytes: &[u8]) -> Result<i64, CellProblem> {
    let microseconds = i64::from_be_bytes(fixed(bytes)?);
    microseconds
        .checked_mul(TICKS_PER_MICROSECOND)
        .and_then(|ticks| ticks.checked_add(i64::from(EPOCH_DAYS) * TICKS_PER_DAY))
        .ok_or(CellProblem::Overflow)
}
