//! Foreach ADO.NET Schema Rowset: what a database says of itself, such as its tables.

mod declared;
mod enumerator;
mod read;
mod rowset;
mod rowsets;
mod sqlite_checks;

pub(super) use enumerator::ENUMERATOR;
