//! Functions of T-SQL that SQLite lacks, for translated statements: casts to dates, `TRY_CAST`, and
//! arithmetic with dates, which are text in SQLite.

use std::error::Error;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{ToSql, ToSqlOutput, Type, Value, ValueRef};
use rusqlite::{Connection as Database, Error as SqliteError};

use super::values::Bound;
use crate::connections::cell::{Cell, cell_of_value};
use crate::connections::declared_type::declared_type;
use crate::convert::parse_text;
use crate::expression::{DatePart, boundaries_between, moved, part_of};
use crate::value::{DataType, TypedValue, Value as SsisValue};

/// T-SQL reads the texts of dates and numbers in the language of the server, mostly this one.
const EN_US: u32 = 1033;
/// Dates with a time, as exact as they come.
const MOMENT: DataType = DataType::DbTimestamp2 { scale: 7 };

/// Makes the functions known to a connection.
pub(super) fn register(database: &Database) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    database.create_scalar_function("scaleout_cast", 2, flags, |context| {
        cast(context)?.map_err(|value| refused(&value, context))
    })?;
    database.create_scalar_function("scaleout_try_cast", 2, flags, |context| {
        Ok(cast(context)?.unwrap_or(Value::Null))
    })?;
    database.create_scalar_function("scaleout_date_add", 3, flags, |context| {
        let (Some(date), Some(count)) = (moment(context, 2)?, context.get::<Option<i64>>(1)?)
        else {
            return Ok(Value::Null);
        };
        let later = moved(part(context)?, count, date);
        let later = later.ok_or_else(|| failed("the date is out of range".into()))?;
        // A date without a time stays one.
        let has_time = context
            .get_raw(2)
            .as_str()
            .is_ok_and(|text| 10 < text.len());
        Ok(match stored(SsisValue::Timestamp(later), MOMENT) {
            Value::Text(text) if !has_time && text.ends_with(" 00:00:00") => {
                Value::Text(text[..10].to_owned())
            }
            other => other,
        })
    })?;
    database.create_scalar_function("scaleout_date_diff", 3, flags, |context| {
        let (start, end) = (moment(context, 1)?, moment(context, 2)?);
        let part = part(context)?;
        Ok(start
            .zip(end)
            .map(|(start, end)| boundaries_between(part, start, end)))
    })?;
    database.create_scalar_function("scaleout_date_part", 2, flags, |context| {
        let part = part(context)?;
        Ok(moment(context, 1)?.map(|date| part_of(part, date)))
    })
}

/// The value in the type that the second argument names; `Err` with its text when it does not
/// convert.
fn cast(context: &Context<'_>) -> rusqlite::Result<Result<Value, String>> {
    let wanted: String = context.get(1)?;
    let Some(text) = text_of(context.get_raw(0))? else {
        return Ok(Ok(Value::Null));
    };
    let to = declared_type(&wanted).unwrap_or(DataType::Ntext);
    // An empty text is 0, and the first day that T-SQL counts from.
    let trimmed = match (text.trim(), to) {
        ("", DataType::DbDate | DataType::DbTimestamp | DataType::DbTimestamp2 { .. }) => {
            "1900-01-01"
        }
        ("", to) if is_integer(to) => "0",
        (trimmed, _) => trimmed,
    };
    // A number with a fraction becomes an integer, its text does not.
    let is_text = context.get_raw(0).data_type() == Type::Text;
    if is_text && is_integer(to) && trimmed.parse::<i64>().is_err() {
        return Ok(Err(text));
    }
    Ok(match parse_text(trimmed, to, EN_US) {
        Ok(parsed) => Ok(stored(parsed.value, to)),
        Err(_) => Err(text),
    })
}

fn is_integer(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::I2 | DataType::I4 | DataType::I8 | DataType::Ui1 | DataType::Bool
    )
}

/// The value as it is kept in a table.
fn stored(value: SsisValue, data_type: DataType) -> Value {
    let typed = TypedValue { data_type, value };
    let cell = cell_of_value(&typed).unwrap_or(Cell::Null);
    let bound = Bound(cell);
    match bound.to_sql() {
        Ok(ToSqlOutput::Owned(value)) => value,
        Ok(ToSqlOutput::Borrowed(value)) => Value::try_from(value).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

fn moment(context: &Context<'_>, at: usize) -> rusqlite::Result<Option<i64>> {
    let Some(text) = text_of(context.get_raw(at))? else {
        return Ok(None);
    };
    match parse_text(text.trim(), MOMENT, EN_US).map(|parsed| parsed.value) {
        Ok(SsisValue::Timestamp(ticks)) => Ok(Some(ticks)),
        _ => Err(failed(format!("`{text}` is no date").into())),
    }
}

fn text_of(value: ValueRef<'_>) -> rusqlite::Result<Option<String>> {
    Ok(match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|error| failed(error.into()))?;
            Some(text.to_owned())
        }
        ValueRef::Blob(_) => return Err(failed("bytes are no text".into())),
    })
}

fn part(context: &Context<'_>) -> rusqlite::Result<DatePart> {
    let name: String = context.get(0)?;
    DatePart::from_name(&name)
        .ok_or_else(|| failed(format!("`{name}` is no part of a date").into()))
}

fn refused(value: &str, context: &Context<'_>) -> SqliteError {
    let wanted: String = context.get(1).unwrap_or_default();
    failed(format!("`{value}` cannot be converted to {wanted}").into())
}

fn failed(error: Box<dyn Error + Send + Sync>) -> SqliteError {
    SqliteError::UserFunctionError(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_casts_are_those_of_t_sql() {
        let database = Database::open_in_memory().unwrap();
        register(&database).unwrap();
        for (sql, expected) in [
            ("scaleout_cast('20240229', 'date')", Some("2024-02-29")),
            ("scaleout_cast(' 2024-02-29 ', 'date')", Some("2024-02-29")),
            ("scaleout_cast('', 'int')", Some("0")),
            ("scaleout_try_cast('20240230', 'date')", None),
            ("scaleout_try_cast('12', 'int')", Some("12")),
            ("scaleout_try_cast('12a', 'int')", None),
            ("scaleout_try_cast('12.5', 'int')", None),
            ("scaleout_try_cast(NULL, 'int')", None),
            ("scaleout_try_cast('12.5', 'decimal(9,2)')", Some("12.50")),
            (
                "scaleout_date_add('month', 1, '2024-01-31')",
                Some("2024-02-29"),
            ),
            (
                "scaleout_date_add('hour', 1, '2024-01-31 23:30:00')",
                Some("2024-02-01 00:30:00"),
            ),
            (
                "scaleout_date_diff('year', '2023-12-31', '2024-01-01')",
                Some("1"),
            ),
            ("scaleout_date_diff('day', NULL, '2024-01-01')", None),
            ("scaleout_date_part('weekday', '2024-02-25')", Some("1")),
        ] {
            let found: Option<String> = database
                .query_row(&format!("SELECT CAST({sql} AS TEXT)"), [], |row| row.get(0))
                .unwrap();
            assert_eq!(found.as_deref(), expected, "{sql}");
        }
        let error = database
            .query_row("SELECT scaleout_cast('x', 'date')", [], |row| {
                row.get::<_, String>(0)
            })
            .unwrap_err();
        assert!(error.to_string().contains("`x`"), "{error}");
    }
}
