//! Slowly Changing Dimension: compares each row with the current row of a dimension table, and
//! sends it where new, changed and unchanged members go.

mod compare;
mod query;
mod running;
mod settings;
#[cfg(test)]
mod tests;

pub use running::SlowlyChangingDimension;
