//! Arguments and rows in our own types.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::error::StoreError;

/// 0000-01-01T00:00:00Z
const YEAR_ZERO: Timestamp = Timestamp::constant(-62_167_219_200, 0);

/// A value as a database column holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    /// `NULL`
    Null,
    /// Whole numbers, and truth values as 0 and 1.
    Integer(i64),
    /// Floating point.
    Real(f64),
    /// Text, times and ids.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// Arguments of a statement, for `$1`, `$2`, ….
pub type Args = Vec<SqlValue>;

/// Arguments from anything that converts.
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::store::SqlValue::from($value)),*]
    };
}
pub(crate) use args;

impl From<i64> for SqlValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for SqlValue {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i16> for SqlValue {
    fn from(value: i16) -> Self {
        Self::Integer(value.into())
    }
}

impl From<u32> for SqlValue {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<u64> for SqlValue {
    /// Counts; what is beyond 2^63 does not occur and is capped rather than wrapped.
    fn from(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for SqlValue {
    fn from(value: bool) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for SqlValue {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<&str> for SqlValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for SqlValue {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for SqlValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for SqlValue {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<Uuid> for SqlValue {
    fn from(value: Uuid) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<Timestamp> for SqlValue {
    /// Fixed width, so that texts sort as times do. A year needs four digits and no sign: what is
    /// earlier than the year 0, such as the limit of a query, is its start.
    fn from(value: Timestamp) -> Self {
        let value = value.max(YEAR_ZERO);
        Self::Text(value.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
    }
}

impl<T: Into<SqlValue>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A type that a column can be read as.
pub trait FromSql: Sized {
    /// The value, if it is of this type.
    fn from_sql(value: &SqlValue) -> Option<Self>;
}

impl FromSql for i64 {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        match value {
            SqlValue::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromSql for i32 {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        i64::from_sql(value).and_then(|number| number.try_into().ok())
    }
}

impl FromSql for u32 {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        i64::from_sql(value).and_then(|number| number.try_into().ok())
    }
}

impl FromSql for u64 {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        i64::from_sql(value).and_then(|number| number.try_into().ok())
    }
}

impl FromSql for bool {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        i64::from_sql(value).map(|number| number != 0)
    }
}

impl FromSql for f64 {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        match value {
            SqlValue::Real(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromSql for String {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        match value {
            SqlValue::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromSql for Vec<u8> {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        match value {
            SqlValue::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl FromSql for Uuid {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        String::from_sql(value).and_then(|text| Self::parse_str(&text).ok())
    }
}

impl FromSql for Timestamp {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        String::from_sql(value).and_then(|text| text.parse().ok())
    }
}

impl<T: FromSql> FromSql for Option<T> {
    fn from_sql(value: &SqlValue) -> Option<Self> {
        match value {
            SqlValue::Null => Some(None),
            other => T::from_sql(other).map(Some),
        }
    }
}

/// A row with its column names.
#[derive(Clone, Debug)]
pub struct Row {
    names: Arc<[String]>,
    values: Vec<SqlValue>,
}

impl Row {
    /// A row; as many values as names.
    pub(crate) fn new(names: Arc<[String]>, values: Vec<SqlValue>) -> Self {
        Self { names, values }
    }

    /// The value of a column in the type wanted.
    pub fn get<T: FromSql>(&self, column: &str) -> Result<T, StoreError> {
        self.names
            .iter()
            .position(|name| name == column)
            .and_then(|index| self.values.get(index))
            .and_then(T::from_sql)
            .ok_or_else(|| StoreError::Damaged {
                column: column.to_owned(),
            })
    }

    /// All values, in column order.
    pub fn into_values(self) -> Vec<SqlValue> {
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_their_texts_do_and_come_back() {
        let earlier: Timestamp = "2026-01-31T22:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-01-31T22:00:00.000001Z".parse().unwrap();
        let text = |time: Timestamp| match SqlValue::from(time) {
            SqlValue::Text(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(text(earlier), "2026-01-31T22:00:00.000000Z");
        assert!(text(earlier) < text(later));
        assert_eq!(Timestamp::from_sql(&SqlValue::from(later)), Some(later));
        assert_eq!(text(Timestamp::MIN), "0000-01-01T00:00:00.000000Z");
        assert!(text(Timestamp::MIN) < text(earlier));
    }

    #[test]
    fn a_column_of_another_type_is_damage_and_named() {
        let row = Row::new(
            Arc::from(["status".to_owned()]),
            vec![SqlValue::Text("x".into())],
        );
        let error = row.get::<i64>("status").unwrap_err();
        assert!(error.to_string().contains("`status`"));
        assert!(row.get::<String>("missing").is_err());
        assert_eq!(
            row.get::<Option<String>>("status").unwrap().as_deref(),
            Some("x")
        );
    }
}
