//! One value between a column of a batch and a database, borrowed from either side.
//!
//! Every driver turns its own values into [`Cell`]s and back; how a cell becomes a value of a
//! column of another type is decided once, in [`CellBuilder`].

mod builder;
mod convert;
mod limit;
mod moment;
mod numbers;
mod read;
mod text;

pub use builder::CellBuilder;
pub use convert::CellProblem;
pub use moment::{
    date_text, offset_text, parse_date, parse_offset, parse_time, parse_timestamp, time_text,
    timestamp_text,
};
pub use numbers::{decimal_text, digits, parse_decimal, rescale, trim_zeros};
pub use read::{CellReader, cell_of_value};
pub use text::cell_text;

/// A value, borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// A bit.
    Bool(bool),
    /// Any signed integer.
    Int(i64),
    /// Any unsigned integer.
    Uint(u64),
    /// A single-precision number.
    Real(f32),
    /// A double-precision number.
    Float(f64),
    /// A number with a fixed number of digits after the point.
    Decimal {
        /// All digits.
        unscaled: i128,
        /// How many of them are after the point.
        scale: u8,
    },
    /// Text.
    Str(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A GUID, bytes in the order they are printed.
    Guid([u8; 16]),
    /// Days since 1970-01-01.
    Date(i32),
    /// Ticks of 100 ns since midnight.
    Time(i64),
    /// Ticks of 100 ns since 1970-01-01.
    Timestamp(i64),
    /// A point in time with an offset.
    Offset {
        /// Ticks of 100 ns since 1970-01-01 UTC.
        utc: i64,
        /// Minutes east of UTC.
        minutes: i16,
    },
}
