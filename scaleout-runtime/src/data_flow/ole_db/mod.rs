//! OLE DB Source, Destination and Command: rows out of and into databases, statements for rows.

mod adapt;
mod binding;
mod command;
mod destination;
mod loader;
mod parameters;
mod reader;
mod refusal;
mod source;
#[cfg(test)]
mod tests;

pub use command::OleDbCommand;
pub use destination::OleDbDestination;
pub use source::OleDbSource;
