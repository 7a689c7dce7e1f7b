//! Lookup: an equi-join of each row with a reference query, loaded before the first row.
//!
//! Deliberately absent: the partial and the no-cache mode, and cache connections; a
//! package that needs them is refused by name.

mod kind;
mod reference;
mod running;
mod settings;

pub use kind::Lookup;

#[cfg(test)]
mod tests;
