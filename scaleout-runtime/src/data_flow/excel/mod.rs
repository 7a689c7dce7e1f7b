//! Excel workbooks: a source that reads `.xls` and `.xlsx`, and a destination that adds rows to a
//! sheet of an `.xlsx` file and leaves everything else in it as it is.
//!
//! Columns have the types that the provider of the original guesses from the first rows.

mod append;
mod book;
mod destination;
mod error;
mod guess;
mod names;
#[cfg(test)]
mod old_format;
mod package;
mod query;
mod reader;
mod settings;
mod sheet_xml;
mod source;
#[cfg(test)]
mod tests;

pub use destination::ExcelDestination;
pub use source::ExcelSource;
