//! Conversions of values: between types, to and from text, to and from Arrow arrays.
//!
//! Casts of expressions, assignments to variables, Data Conversion and flat files all come
//! here, so that one value has one meaning everywhere.

mod array;
mod binary;
mod builder;
mod calendar;
mod code_page;
mod code_page_tables;
mod collate;
mod decimal;
mod error;
mod flat_file;
mod legal;
mod literal;
mod locale;
mod number;
mod parse;
mod parse_moment;
mod quick_text;
mod sort_key;
mod temporal;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use array::{ColumnReader, array_of, arrow_type, value_at};
pub use builder::{ColumnBuilder, ValueMismatch};
pub use calendar::{civil_from_days, days_from_civil};
pub(crate) use calendar::{days_in_month, join_ticks, split_ticks};
pub use code_page::{CodePage, Decoded, Encoded, UnknownCodePage};
pub use collate::compare_text;
pub use decimal::{compare_decimals, pow10, rescale};
pub(crate) use decimal::{round_div, to_f64};
pub use error::ConvertError;
pub use flat_file::flat_file_text;
pub use legal::is_legal;
pub use literal::{from_literal, from_parameter_text, variable_data_type};
pub use number::{digits_of, double_of};
pub(crate) use parse::parse_as;
pub use parse::parse_text;
pub use quick_text::{push_flat_file_text, push_integer};
pub use sort_key::{ComparisonFlags, append_sort_key, fold_text};
pub(crate) use temporal::is_temporal;
pub use temporal::moment_ticks;
pub use text::{fit_text, to_text};
pub(crate) use text::{hex, utf16_prefix};
pub(crate) use value::text_form;
pub use value::{Converted, convert, convert_on};
