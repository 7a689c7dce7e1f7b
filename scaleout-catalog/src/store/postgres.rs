//! PostgreSQL's side of a session: each argument goes in the type that the server gives its
//! parameter, so that one statement serves text in SQLite and `timestamptz` or `uuid` here.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Either, Executor as _, PgConnection, Postgres,
    Row as _, SqlSafeStr as _, Statement as _, TypeInfo as _, ValueRef as _,
};
use uuid::Uuid;

use super::value::{Args, FromSql as _, Row, SqlValue};

/// 2000-01-01T00:00:00Z, from where the server counts, in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;
/// Runs a statement and says how many rows it changed.
pub async fn execute(
    connection: &mut PgConnection,
    sql: Cow<'static, str>,
    args: Args,
) -> Result<u64, sqlx::Error> {
    let statement = connection
        .prepare(AssertSqlSafe(sql).into_sql_str())
        .await?;
    let query = statement.query_with(bound(statement.parameters(), args)?);
    Ok(query.execute(connection).await?.rows_affected())
}

/// All rows of a query.
pub async fn rows(
    connection: &mut PgConnection,
    sql: Cow<'static, str>,
    args: Args,
) -> Result<Vec<Row>, sqlx::Error> {
    let statement = connection
        .prepare(AssertSqlSafe(sql).into_sql_str())
        .await?;
    let query = statement.query_with(bound(statement.parameters(), args)?);
    let rows = query.fetch_all(connection).await?;
    let columns = statement.columns().iter();
    let names: Arc<[String]> = columns.map(|column| column.name().to_owned()).collect();
    rows.iter().map(|row| own_row(&names, row)).collect()
}

fn bound(
    types: Option<Either<&[PgTypeInfo], usize>>,
    args: Args,
) -> Result<PgArguments, sqlx::Error> {
    let types = types.and_then(Either::left).unwrap_or_default();
    if types.len() != args.len() {
        let (given, wanted) = (args.len(), types.len());
        let reason = format!("{given} arguments for {wanted} parameters");
        return Err(sqlx::Error::Encode(reason.into()));
    }
    let mut bound = PgArguments::default();
    for (value, parameter_type) in args.into_iter().zip(types) {
        let parameter = Parameter {
            value,
            parameter_type: parameter_type.clone(),
        };
        bound.add(parameter).map_err(sqlx::Error::Encode)?;
    }
    Ok(bound)
}

/// A value on its way to a parameter of this type.
struct Parameter {
    value: SqlValue,
    parameter_type: PgTypeInfo,
}

impl sqlx::Type<Postgres> for Parameter {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("text")
    }
}

impl sqlx::Encode<'_, Postgres> for Parameter {
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.parameter_type.clone())
    }

    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match wire_form(&self.value, self.parameter_type.name())? {
            Some(bytes) => {
                buffer.extend_from_slice(&bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }
}

/// Why a value does not fit a parameter.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The type of the parameter is another one; the value is not repeated.
    #[error("a value does not fit a parameter of type {0}")]
    Type(String),
    /// The one character that PostgreSQL cannot keep.
    #[error("a text contains the character NUL")]
    Nul,
}

/// A value in the binary form of a type; `None` is NULL.
fn wire_form(value: &SqlValue, type_name: &str) -> Result<Option<Vec<u8>>, Unfit> {
    let unfit = || Unfit::Type(type_name.to_owned());
    let bytes = match (value, type_name) {
        (SqlValue::Null, _) => return Ok(None),
        (SqlValue::Integer(number @ (0 | 1)), "BOOL") => vec![u8::from(*number == 1)],
        (SqlValue::Integer(number), "INT2") => {
            let number = i16::try_from(*number).map_err(|_| unfit())?;
            number.to_be_bytes().to_vec()
        }
        (SqlValue::Integer(number), "INT4") => {
            let number = i32::try_from(*number).map_err(|_| unfit())?;
            number.to_be_bytes().to_vec()
        }
        (SqlValue::Integer(number), "INT8") => number.to_be_bytes().to_vec(),
        (SqlValue::Real(number), "FLOAT8") => number.to_be_bytes().to_vec(),
        (SqlValue::Text(_), "TIMESTAMPTZ") => {
            let time = Timestamp::from_sql(value).ok_or_else(unfit)?;
            (time.as_microsecond() - EPOCH).to_be_bytes().to_vec()
        }
        (SqlValue::Text(_), "UUID") => {
            let id = Uuid::from_sql(value).ok_or_else(unfit)?;
            id.as_bytes().to_vec()
        }
        (SqlValue::Text(text), "TEXT") if text.contains('\0') => return Err(Unfit::Nul),
        (SqlValue::Text(text), "TEXT") => text.clone().into_bytes(),
        (SqlValue::Blob(bytes), "BYTEA") => bytes.clone(),
        _ => return Err(unfit()),
    };
    Ok(Some(bytes))
}

fn own_row(names: &Arc<[String]>, row: &PgRow) -> Result<Row, sqlx::Error> {
    let values = (0..names.len())
        .map(|index| {
            own_value(row, index).map_err(|source| sqlx::Error::ColumnDecode {
                index: names[index].clone(),
                source,
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Row::new(Arc::clone(names), values))
}

fn own_value(row: &PgRow, index: usize) -> Result<SqlValue, BoxDynError> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    let type_info = value.type_info();
    read_form(type_info.name(), value.as_bytes()?)
}

/// The inverse of [`wire_form`].
fn read_form(type_name: &str, bytes: &[u8]) -> Result<SqlValue, BoxDynError> {
    Ok(match type_name {
        "BOOL" => SqlValue::Integer(i64::from(bytes != [0])),
        "INT2" => i16::from_be_bytes(bytes.try_into()?).into(),
        "INT4" => i32::from_be_bytes(bytes.try_into()?).into(),
        "INT8" => i64::from_be_bytes(bytes.try_into()?).into(),
        "FLOAT8" => f64::from_be_bytes(bytes.try_into()?).into(),
        "TIMESTAMPTZ" => {
            let since = i64::from_be_bytes(bytes.try_into()?);
            let micros = since.saturating_add(EPOCH);
            let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1000)?;
            Timestamp::new(micros.div_euclid(1_000_000), nanos)?.into()
        }
        "UUID" => Uuid::from_slice(bytes)?.into(),
        "BYTEA" => bytes.to_vec().into(),
        "TEXT" => std::str::from_utf8(bytes)?.into(),
        other => return Err(format!("a column has the unexpected type {other}").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_comes_back_as_it_went() {
        let time: Timestamp = "1999-12-31T23:59:59.999999Z".parse().unwrap();
        for (type_name, value) in [
            ("BOOL", SqlValue::from(true)),
            ("BOOL", SqlValue::from(false)),
            ("INT2", SqlValue::from(-2_i64)),
            ("INT4", SqlValue::from(70_000_i64)),
            ("INT8", SqlValue::from(i64::MIN)),
            ("FLOAT8", SqlValue::from(0.5)),
            ("TIMESTAMPTZ", SqlValue::from(time)),
            ("TIMESTAMPTZ", SqlValue::from(Timestamp::MIN)),
            ("TIMESTAMPTZ", SqlValue::from(Timestamp::MAX)),
            ("UUID", SqlValue::from(Uuid::from_u128(7))),
            ("BYTEA", SqlValue::from(vec![0, 255])),
            ("TEXT", SqlValue::from("名前")),
        ] {
            let bytes = wire_form(&value, type_name).unwrap().unwrap();
            assert_eq!(read_form(type_name, &bytes).unwrap(), value, "{type_name}");
            assert_eq!(wire_form(&SqlValue::Null, type_name).unwrap(), None);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_without_repeating_it() {
        for (type_name, value) in [
            ("INT2", SqlValue::from(40_000_i64)),
            ("INT4", SqlValue::from(i64::MAX)),
            ("BOOL", SqlValue::from(2_i64)),
            ("UUID", SqlValue::from("hunter2")),
            ("TIMESTAMPTZ", SqlValue::from("hunter2")),
            ("INT8", SqlValue::from("hunter2")),
            ("TEXT", SqlValue::from("hunter2\0")),
        ] {
            let refused = wire_form(&value, type_name).unwrap_err();
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
        }
    }
}
