//! Aggregate: rows in groups, and a number for each of them. Several outputs are several
//! groupings of the same rows.

mod average;
mod distinct;
mod groups;
mod kind;
mod partitions;
mod running;
mod settings;
#[cfg(test)]
mod tests;
mod totals;

pub use kind::Aggregate;
