//! Pivot: rows that belong together as one row, with a column for each value of their pivot key.

mod running;
mod settings;
#[cfg(test)]
mod tests;

pub use running::Pivot;
