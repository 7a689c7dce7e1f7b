//! Cells as the wire's values, and back.

use std::borrow::Cow;

use tiberius::numeric::Numeric;
use tiberius::time::{Date, DateTime, DateTime2, DateTimeOffset, SmallDateTime, Time};
use tiberius::{ColumnData, ToSql, Uuid};

use crate::connections::cell::{Cell, CellBuilder, CellProblem, CellReader};
use crate::value::{DataType, TICKS_PER_DAY, TICKS_PER_SECOND};

/// Days from 0001-01-01 to 1970-01-01.
const DAYS_FROM_YEAR_ONE: i64 = 719_162;
/// Days from 1900-01-01 to 1970-01-01.
const DAYS_FROM_1900: i64 = 25_567;
/// Ticks of 100 ns in a millisecond.
const TICKS_PER_MILLISECOND: i64 = 10_000;
/// Digits of a second in a tick.
const TICK_SCALE: u8 = 7;

/// A parameter.
pub(super) struct Bound(pub(super) ColumnData<'static>);

impl ToSql for Bound {
    fn to_sql(&self) -> ColumnData<'_> {
        self.0.clone()
    }
}

/// A value of the wire as a cell. Numerics of `uniqueidentifier` order and such are the
/// driver's business.
pub(super) fn cell_of<'v>(data: &'v ColumnData<'_>) -> Cell<'v> {
    match data {
        ColumnData::U8(value) => value.map_or(Cell::Null, |value| Cell::Uint(value.into())),
        ColumnData::I16(value) => value.map_or(Cell::Null, |value| Cell::Int(value.into())),
        ColumnData::I32(value) => value.map_or(Cell::Null, |value| Cell::Int(value.into())),
        ColumnData::I64(value) => value.map_or(Cell::Null, Cell::Int),
        ColumnData::F32(value) => value.map_or(Cell::Null, Cell::Real),
        ColumnData::F64(value) => value.map_or(Cell::Null, Cell::Float),
        ColumnData::Bit(value) => value.map_or(Cell::Null, Cell::Bool),
        ColumnData::String(value) => value.as_deref().map_or(Cell::Null, Cell::Str),
        ColumnData::Guid(value) => value.map_or(Cell::Null, |id| Cell::Guid(id.into_bytes())),
        ColumnData::Binary(value) => value.as_deref().map_or(Cell::Null, Cell::Bytes),
        ColumnData::Numeric(value) => value.map_or(Cell::Null, |number| Cell::Decimal {
            unscaled: number.value(),
            scale: number.scale(),
        }),
        ColumnData::Xml(value) => value
            .as_ref()
            .map_or(Cell::Null, |xml| Cell::Str(xml.as_ref().as_ref())),
        ColumnData::DateTime(value) => value.map_or(Cell::Null, date_time),
        ColumnData::SmallDateTime(value) => value.map_or(Cell::Null, small_date_time),
        ColumnData::Time(value) => value.map_or(Cell::Null, |time| Cell::Time(ticks_of(time))),
        ColumnData::Date(value) => value.map_or(Cell::Null, |date| {
            i32::try_from(days_of(date)).map_or(Cell::Null, Cell::Date)
        }),
        ColumnData::DateTime2(value) => {
            value.map_or(Cell::Null, |moment| Cell::Timestamp(moment_ticks(moment)))
        }
        ColumnData::DateTimeOffset(value) => value.map_or(Cell::Null, |moment| Cell::Offset {
            utc: moment_ticks(moment.datetime2()),
            minutes: moment.offset(),
        }),
    }
}

/// A cell as a value of a column of that type.
pub(super) fn data_of(
    cell: Cell<'_>,
    wanted: DataType,
) -> Result<ColumnData<'static>, CellProblem> {
    if cell == Cell::Null {
        return Ok(null_of(wanted));
    }
    let mut builder = CellBuilder::new(wanted);
    builder.push(cell)?;
    let array = builder.finish();
    let reader = CellReader::new(array.as_ref(), wanted).ok_or(CellProblem::Mismatch)?;
    exact(reader.cell(0), wanted)
}

/// The cell is of the type already.
fn exact(cell: Cell<'_>, wanted: DataType) -> Result<ColumnData<'static>, CellProblem> {
    let overflow = CellProblem::Overflow;
    Ok(match (cell, wanted) {
        (Cell::Bool(value), _) => ColumnData::Bit(Some(value)),
        (Cell::Uint(value), DataType::Ui1) => {
            ColumnData::U8(Some(u8::try_from(value).map_err(|_| overflow)?))
        }
        (Cell::Int(value), DataType::I1 | DataType::I2) => {
            ColumnData::I16(Some(i16::try_from(value).map_err(|_| overflow)?))
        }
        (Cell::Int(value), DataType::I4) => {
            ColumnData::I32(Some(i32::try_from(value).map_err(|_| overflow)?))
        }
        (Cell::Uint(value), DataType::Ui2) => {
            ColumnData::I32(Some(i32::try_from(value).map_err(|_| overflow)?))
        }
        (Cell::Int(value), _) => ColumnData::I64(Some(value)),
        (Cell::Uint(value), DataType::Ui8) => numeric(value.into(), 0),
        (Cell::Uint(value), _) => {
            ColumnData::I64(Some(i64::try_from(value).map_err(|_| overflow)?))
        }
        (Cell::Real(value), _) => ColumnData::F32(Some(value)),
        (Cell::Float(value), _) => ColumnData::F64(Some(value)),
        (Cell::Decimal { unscaled, scale }, _) if scale < 38 => numeric(unscaled, scale),
        (Cell::Str(text), _) => ColumnData::String(Some(Cow::Owned(text.to_owned()))),
        (Cell::Bytes(bytes), _) => ColumnData::Binary(Some(Cow::Owned(bytes.to_vec()))),
        (Cell::Guid(bytes), _) => ColumnData::Guid(Some(Uuid::from_bytes(bytes))),
        (Cell::Date(days), _) => ColumnData::Date(Some(date(days.into())?)),
        (Cell::Time(ticks), _) => ColumnData::Time(Some(time(ticks)?)),
        (Cell::Timestamp(ticks), DataType::DbTimestamp) => {
            ColumnData::DateTime(Some(wire_date_time(ticks)?))
        }
        (Cell::Timestamp(ticks), _) => ColumnData::DateTime2(Some(moment(ticks)?)),
        (Cell::Offset { utc, minutes }, _) => {
            ColumnData::DateTimeOffset(Some(DateTimeOffset::new(moment(utc)?, minutes)))
        }
        (Cell::Null, _) => null_of(wanted),
        (Cell::Decimal { .. }, _) => return Err(overflow),
    })
}

fn null_of(wanted: DataType) -> ColumnData<'static> {
    match wanted {
        DataType::Bool => ColumnData::Bit(None),
        DataType::Ui1 => ColumnData::U8(None),
        DataType::I1 | DataType::I2 => ColumnData::I16(None),
        DataType::I4 | DataType::Ui2 => ColumnData::I32(None),
        DataType::I8 | DataType::Ui4 => ColumnData::I64(None),
        DataType::R4 => ColumnData::F32(None),
        DataType::R8 => ColumnData::F64(None),
        DataType::Ui8 | DataType::Cy | DataType::Decimal { .. } | DataType::Numeric { .. } => {
            ColumnData::Numeric(None)
        }
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext => {
            ColumnData::String(None)
        }
        DataType::Bytes { .. } | DataType::Image => ColumnData::Binary(None),
        DataType::Guid => ColumnData::Guid(None),
        DataType::DbDate => ColumnData::Date(None),
        DataType::DbTime | DataType::DbTime2 { .. } => ColumnData::Time(None),
        DataType::DbTimestamp => ColumnData::DateTime(None),
        DataType::Date | DataType::DbTimestamp2 { .. } | DataType::FileTime => {
            ColumnData::DateTime2(None)
        }
        DataType::DbTimestampOffset { .. } => ColumnData::DateTimeOffset(None),
    }
}

fn numeric(unscaled: i128, scale: u8) -> ColumnData<'static> {
    ColumnData::Numeric(Some(Numeric::new_with_scale(unscaled, scale)))
}

/// `datetime` counts 1/300 seconds; people see milliseconds.
fn date_time(value: DateTime) -> Cell<'static> {
    let milliseconds = (i64::from(value.seconds_fragments()) * 10 + 1) / 3;
    let days = i64::from(value.days()) - DAYS_FROM_1900;
    Cell::Timestamp(days * TICKS_PER_DAY + milliseconds * TICKS_PER_MILLISECOND)
}

fn wire_date_time(ticks: i64) -> Result<DateTime, CellProblem> {
    let days = ticks.div_euclid(TICKS_PER_DAY) + DAYS_FROM_1900;
    let milliseconds = ticks.rem_euclid(TICKS_PER_DAY) / TICKS_PER_MILLISECOND;
    let fragments = (milliseconds * 3 + 5) / 10;
    // The last fragment of a day may round up into the next.
    let (days, fragments) = match fragments {
        25_920_000 => (days + 1, 0),
        _ => (days, fragments),
    };
    let days = i32::try_from(days).map_err(|_| CellProblem::Overflow)?;
    let fragments = u32::try_from(fragments).map_err(|_| CellProblem::Overflow)?;
    Ok(DateTime::new(days, fragments))
}

/// `smalldatetime` counts minutes on the wire.
fn small_date_time(value: SmallDateTime) -> Cell<'static> {
    let days = i64::from(value.days()) - DAYS_FROM_1900;
    let minutes = i64::from(value.seconds_fragments());
    Cell::Timestamp(days * TICKS_PER_DAY + minutes * 60 * TICKS_PER_SECOND)
}

fn days_of(date: Date) -> i64 {
    i64::from(date.days()) - DAYS_FROM_YEAR_ONE
}

fn ticks_of(time: Time) -> i64 {
    let missing = u32::from(TICK_SCALE.saturating_sub(time.scale()));
    i64::try_from(time.increments()).unwrap_or(0) * 10_i64.pow(missing)
}

fn moment_ticks(moment: DateTime2) -> i64 {
    days_of(moment.date()) * TICKS_PER_DAY + ticks_of(moment.time())
}

fn date(days: i64) -> Result<Date, CellProblem> {
    /// Days up to 9999-12-31, which is all that the wire has.
    const MOST: u32 = 3_652_058;
    match u32::try_from(days + DAYS_FROM_YEAR_ONE) {
        Ok(days) if days <= MOST => Ok(Date::new(days)),
        _ => Err(CellProblem::Overflow),
    }
}

fn time(ticks: i64) -> Result<Time, CellProblem> {
    let increments = u64::try_from(ticks).map_err(|_| CellProblem::Overflow)?;
    Ok(Time::new(increments, TICK_SCALE))
}

fn moment(ticks: i64) -> Result<DateTime2, CellProblem> {
    let date = date(ticks.div_euclid(TICKS_PER_DAY))?;
    Ok(DateTime2::new(date, time(ticks.rem_euclid(TICKS_PER_DAY))?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(cell: Cell<'_>, wanted: DataType) -> String {
        let data = data_of(cell, wanted).unwrap();
        format!("{:?}", cell_of(&data))
    }

    #[test]
    fn values_survive_the_wire() {
        let numeric = DataType::Numeric {
            precision: 10,
            scale: 2,
        };
        let decimal = Cell::Decimal {
            unscaled: -1250,
            scale: 2,
        };
        let wstr = DataType::Wstr { length: 5 };
        for (cell, wanted) in [
            (Cell::Bool(true), DataType::Bool),
            (Cell::Uint(200), DataType::Ui1),
            (Cell::Int(-7), DataType::I2),
            (Cell::Int(-7), DataType::I4),
            (Cell::Int(-7), DataType::I8),
            (Cell::Float(0.5), DataType::R8),
            (decimal, numeric),
            (Cell::Str("ä"), wstr),
            (Cell::Bytes(&[1, 2]), DataType::Image),
            (Cell::Guid([9; 16]), DataType::Guid),
            (Cell::Date(-719_162), DataType::DbDate),
            (Cell::Time(123_456_789), DataType::DbTime2 { scale: 7 }),
            (Cell::Null, wstr),
            (
                Cell::Offset {
                    utc: 5,
                    minutes: -60,
                },
                DataType::DbTimestampOffset { scale: 7 },
            ),
        ] {
            assert_eq!(through(cell, wanted), format!("{cell:?}"));
        }
        assert_eq!(through(Cell::Str("7"), DataType::I4), "Int(7)");
        assert_eq!(
            data_of(Cell::Str("x"), DataType::I4),
            Err(CellProblem::Mismatch)
        );
        assert_eq!(
            data_of(Cell::Str("too long"), wstr),
            Err(CellProblem::Truncation)
        );
    }

    #[test]
    fn datetime_shows_the_milliseconds_of_sql_server() {
        for (fragments, milliseconds) in [(0, 0), (1, 3), (2, 7), (3, 10), (25_919_999, 86_399_997)]
        {
            let cell = date_time(DateTime::new(25_567, fragments));
            assert_eq!(cell, Cell::Timestamp(milliseconds * TICKS_PER_MILLISECOND));
        }
        let last = wire_date_time(86_399_999 * TICKS_PER_MILLISECOND).unwrap();
        assert_eq!((last.days(), last.seconds_fragments()), (25_568, 0));
    }

    proptest! {
        #[test]
        fn a_timestamp_survives(ticks in -621_355_968_000_000_000_i64..2_534_023_008_000_000_000) {
            let data = data_of(Cell::Timestamp(ticks), DataType::DbTimestamp2 { scale: 7 }).unwrap();
            prop_assert_eq!(cell_of(&data), Cell::Timestamp(ticks));
        }

        #[test]
        fn a_datetime_keeps_its_milliseconds(fragments in 0_u32..25_920_000) {
            let Cell::Timestamp(ticks) = date_time(DateTime::new(0, fragments)) else {
                return Err(TestCaseError::fail("no timestamp"));
            };
            let back = wire_date_time(ticks).unwrap();
            prop_assert_eq!(back.seconds_fragments(), fragments);
        }
    }
}
