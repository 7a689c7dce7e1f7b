//! OLE DB Source and Destination: rows out of and into databases.

mod adapt;
mod binding;
mod destination;
mod loader;
mod parameters;
mod reader;
mod refusal;
mod source;
#[cfg(test)]
mod tests;

pub use destination::OleDbDestination;
pub use source::OleDbSource;
