//! Foreach enumerators: what a loop goes over.

mod ado;
mod file;
mod from_variable;
mod item;
mod kinds;
mod wildcard;

pub use kinds::{Element, check, enumerate, is_known, set_property};
