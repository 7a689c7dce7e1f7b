//! Values of variables, parameters and expressions, and how columns hold them.
//!
//! # Columns in Arrow
//! | type | Arrow array |
//! |---|---|
//! | Bool | Boolean |
//! | I1 … I8, Ui1 … Ui8 | Int8 … UInt64 |
//! | R4, R8 | Float32, Float64 |
//! | Cy | Decimal128(19, 4) |
//! | Decimal { scale } | Decimal128(29, scale) |
//! | Numeric { precision, scale } | Decimal128(precision, scale) |
//! | Str, Wstr, Text, Ntext | Utf8 |
//! | Bytes, Image | Binary |
//! | Guid | FixedSizeBinary(16), bytes in the order they are printed |
//! | DbDate | Date32 |
//! | DbTime, DbTime2 | Time64(Nanosecond) |
//! | Date, DbTimestamp, DbTimestamp2, FileTime | Int64: ticks of 100 ns since 1970-01-01 |
//! | DbTimestampOffset | Decimal128(38, 0): UTC ticks × 4096 + (offset in minutes + 2048) |
//!
//! Ticks of 100 ns hold every value of every date type from year 1 to 9999 without
//! loss, which no Arrow timestamp unit does.

use std::any::Any;
use std::sync::Arc;

pub use scaleout_core::package::DataType;

/// 100 ns ticks in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// 100 ns ticks in a day.
pub const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;

/// One value. Its exact type (length, scale, code page) is known beside it, see [`TypedValue`].
#[derive(Clone, Debug)]
pub enum Value {
    /// No value.
    Null,
    /// `DT_BOOL`
    Bool(bool),
    /// `DT_I1`
    I1(i8),
    /// `DT_I2`
    I2(i16),
    /// `DT_I4`
    I4(i32),
    /// `DT_I8`
    I8(i64),
    /// `DT_UI1`
    Ui1(u8),
    /// `DT_UI2`
    Ui2(u16),
    /// `DT_UI4`
    Ui4(u32),
    /// `DT_UI8`
    Ui8(u64),
    /// `DT_R4`
    R4(f32),
    /// `DT_R8`
    R8(f64),
    /// `DT_CY`, scaled by 10,000
    Cy(i64),
    /// `DT_DECIMAL` and `DT_NUMERIC`: unscaled digits; the scale is in the type
    Decimal(i128),
    /// `DT_STR`, `DT_WSTR`, `DT_TEXT`, `DT_NTEXT`
    Str(Arc<str>),
    /// `DT_BYTES`, `DT_IMAGE`
    Bytes(Arc<[u8]>),
    /// `DT_GUID`, bytes in the order they are printed
    Guid([u8; 16]),
    /// `DT_DBDATE`: days since 1970-01-01
    DbDate(i32),
    /// `DT_DBTIME`, `DT_DBTIME2`: 100 ns ticks since midnight
    Time(i64),
    /// `DT_DATE`, `DT_DBTIMESTAMP`, `DT_DBTIMESTAMP2`, `DT_FILETIME`: 100 ns ticks since 1970-01-01
    Timestamp(i64),
    /// `DT_DBTIMESTAMPOFFSET`
    TimestampOffset {
        /// 100 ns ticks since 1970-01-01 UTC.
        utc: i64,
        /// Minutes east of UTC.
        offset: i16,
    },
    /// A variable of type Object, such as a row set. No column and no expression holds one.
    Object(Arc<dyn ObjectValue>),
}

/// What an Object variable may hold.
pub trait ObjectValue: Any + Send + Sync + std::fmt::Debug {
    /// For downcasts by the task that knows the type.
    fn as_any(&self) -> &dyn Any;
}

/// A value with its exact type.
#[derive(Clone, Debug)]
pub struct TypedValue {
    /// Type with its facets.
    pub data_type: DataType,
    /// The value, or [`Value::Null`].
    pub value: Value,
}
