//! The functions: one table, one entry per function.

mod call;
mod date;
mod date_part;
mod math;
mod null;
mod string;
mod table;
mod text;

pub(super) use call::{Body, Function, Others, Parameter, apply, apply_to_words};
pub(crate) use date::{boundaries_between, moved, part_of};
pub(crate) use date_part::DatePart;
pub(super) use date_part::is_date_part;
pub(super) use table::find;
