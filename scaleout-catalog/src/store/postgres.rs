//! PostgreSQL's side of a session: each argument goes in the type that the server gives its
//! parameter, so that one statement serves text in SQLite and `timestamptz` or `uuid` here.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgStatement, PgTypeInfo, PgTypeKind};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Either, Executor as _, PgConnection, Postgres,
    Row as _, SqlSafeStr as _, Statement as _, TypeInfo as _, ValueRef as _,
};
use uuid::Uuid;

use super::value::{Args, FromSql as _, Row, SqlValue};

pub mod together;

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
    own_rows(&statement, &query.fetch_all(connection).await?)
}

/// Inserts rows of the same columns in one statement, which is the same one for any number of them:
/// each column goes as an array.
pub async fn insert(
    connection: &mut PgConnection,
    target: &str,
    conflict: &str,
    rows: Vec<Args>,
) -> Result<u64, sqlx::Error> {
    let many = insert_text(connection, target, conflict, &rows).await?;
    update(connection, many, rows).await
}

async fn insert_text(
    connection: &mut PgConnection,
    target: &str,
    conflict: &str,
    rows: &[Args],
) -> Result<String, sqlx::Error> {
    let width = rows.first().map_or(0, Vec::len);
    let places: Vec<String> = (1..=width).map(|place| format!("${place}")).collect();
    let one = format!(
        "INSERT INTO {target} VALUES ({}) {conflict}",
        places.join(", ")
    );
    // Prepared once; it says which types the columns have.
    let one = connection
        .prepare(AssertSqlSafe(one).into_sql_str())
        .await?;
    let types = one.parameters().and_then(Either::left).unwrap_or_default();
    let arrays: Vec<String> = types
        .iter()
        .zip(&places)
        .map(|(column, place)| format!("{place}::{}[]", column.name()))
        .collect();
    Ok(format!(
        "INSERT INTO {target} SELECT * FROM unnest({}) {conflict}",
        arrays.join(", ")
    ))
}

/// Runs a statement whose parameters are arrays, one for each column of these rows.
pub async fn update(
    connection: &mut PgConnection,
    sql: impl Into<Cow<'static, str>>,
    rows: Vec<Args>,
) -> Result<u64, sqlx::Error> {
    let statement = connection
        .prepare(AssertSqlSafe(sql.into()).into_sql_str())
        .await?;
    let query = statement.query_with(bound_as_arrays(statement.parameters(), rows)?);
    Ok(query.execute(connection).await?.rows_affected())
}

/// As [`update`], and gives what the statement returns.
pub async fn update_returning(
    connection: &mut PgConnection,
    sql: &'static str,
    rows: Vec<Args>,
) -> Result<Vec<Row>, sqlx::Error> {
    let statement = connection
        .prepare(AssertSqlSafe(sql).into_sql_str())
        .await?;
    let query = statement.query_with(bound_as_arrays(statement.parameters(), rows)?);
    own_rows(&statement, &query.fetch_all(connection).await?)
}

fn bound_as_arrays(
    types: Option<Either<&[PgTypeInfo], usize>>,
    rows: Vec<Args>,
) -> Result<PgArguments, sqlx::Error> {
    let mut bound = PgArguments::default();
    let types = types.and_then(Either::left).unwrap_or_default();
    bind_arrays(&mut bound, types, rows)?;
    Ok(bound)
}

/// Binds the columns of rows to parameters, each of which is an array.
fn bind_arrays(
    bound: &mut PgArguments,
    types: &[PgTypeInfo],
    rows: Vec<Args>,
) -> Result<(), sqlx::Error> {
    let mut columns: Vec<Args> = types
        .iter()
        .map(|_| Vec::with_capacity(rows.len()))
        .collect();
    for row in rows {
        if row.len() != columns.len() {
            return Err(wrong_count(row.len(), columns.len()));
        }
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    for (values, array) in columns.into_iter().zip(types) {
        let PgTypeKind::Array(element) = array.kind() else {
            let reason = format!("a parameter has the type {}, no array", array.name());
            return Err(sqlx::Error::Encode(reason.into()));
        };
        let column = Column {
            values,
            element: element.clone(),
            array: array.clone(),
        };
        bound.add(column).map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}

fn wrong_count(given: usize, wanted: usize) -> sqlx::Error {
    sqlx::Error::Encode(format!("{given} arguments for {wanted} parameters").into())
}

fn bound(
    types: Option<Either<&[PgTypeInfo], usize>>,
    args: Args,
) -> Result<PgArguments, sqlx::Error> {
    let types = types.and_then(Either::left).unwrap_or_default();
    if types.len() != args.len() {
        return Err(wrong_count(args.len(), types.len()));
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

/// Values of a column on their way to a parameter that is an array of its type.
struct Column {
    values: Args,
    element: PgTypeInfo,
    array: PgTypeInfo,
}

impl sqlx::Type<Postgres> for Column {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("text[]")
    }
}

impl sqlx::Encode<'_, Postgres> for Column {
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.array.clone())
    }

    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let oid = self.element.oid().ok_or("a column has a type of no name")?;
        let bytes = array_form(&self.values, self.element.name(), oid.0)?;
        buffer.extend_from_slice(&bytes);
        Ok(IsNull::No)
    }
}

/// Values in the binary form of an array with one dimension that counts from 1: dimensions, whether
/// there are NULLs, the type, the length, where it begins; then each value behind its length.
fn array_form(values: &[SqlValue], type_name: &str, type_oid: u32) -> Result<Vec<u8>, BoxDynError> {
    let mut bytes = Vec::with_capacity(20 + 12 * values.len());
    let has_null = values.contains(&SqlValue::Null);
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(i32::from(has_null).to_be_bytes());
    bytes.extend(type_oid.to_be_bytes());
    bytes.extend(i32::try_from(values.len())?.to_be_bytes());
    bytes.extend(1_i32.to_be_bytes());
    for value in values {
        match wire_form(value, type_name)? {
            Some(form) => {
                bytes.extend(i32::try_from(form.len())?.to_be_bytes());
                bytes.extend(form);
            }
            None => bytes.extend((-1_i32).to_be_bytes()),
        }
    }
    Ok(bytes)
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

fn own_rows(statement: &PgStatement, rows: &[PgRow]) -> Result<Vec<Row>, sqlx::Error> {
    let columns = statement.columns().iter();
    let names: Arc<[String]> = columns.map(|column| column.name().to_owned()).collect();
    rows.iter().map(|row| own_row(&names, row)).collect()
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
    fn an_array_says_its_type_and_length_and_which_values_are_null() {
        let values = [SqlValue::from(7_i64), SqlValue::Null];
        let form = array_form(&values, "INT4", 23).unwrap();
        let words: Vec<i32> = form
            .chunks_exact(4)
            .map(|word| i32::from_be_bytes(word.try_into().unwrap()))
            .collect();
        assert_eq!(words, [1, 1, 23, 2, 1, 4, 7, -1]);
        array_form(&[SqlValue::from("a")], "INT4", 23).unwrap_err();
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
