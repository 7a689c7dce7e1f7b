//! Sort: all rows in the order of their keys, and where wanted one row for each key.
//!
//! What does not fit into memory goes to temporary files as sorted runs, which are merged
//! at the end.

mod kind;
mod running;
mod settings;
#[cfg(test)]
mod tests;

pub use kind::Sort;
