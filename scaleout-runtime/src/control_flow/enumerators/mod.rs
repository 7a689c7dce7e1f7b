//! Foreach enumerators: what a loop goes over.

mod ado;
mod file;
mod from_variable;
mod item;
mod kinds;
mod node_list;
mod schema_rowset;
mod wildcard;

pub use kinds::{Element, check, enumerate, is_known, set_property};
