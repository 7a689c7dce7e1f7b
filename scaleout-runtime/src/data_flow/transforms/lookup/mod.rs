//! Lookup: an equi-join of each row with a reference.
//!
//! The reference is a query whose rows are all loaded before the first row (full cache), the rows
//! of a Cache connection manager, or a query that is asked for the key of each row, with its
//! answers kept (partial cache) or not (no cache).

mod answers;
mod asked;
mod kept;
mod kind;
mod matches;
mod over_cache;
mod reference;
mod running;
mod settings;
mod source;

pub use kind::Lookup;

#[cfg(test)]
mod asked_tests;
#[cfg(test)]
mod tests;
