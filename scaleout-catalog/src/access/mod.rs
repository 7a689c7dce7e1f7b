//! Who may do what.
//!
//! `rule` is the one place that decides; `filter` says the same as SQL, for the rows of views;
//! `rights` asks the rule on behalf of one call.

mod filter;
mod rights;
mod rule;

pub use filter::{RowFilter, row_filter};
pub use rights::{Rights, check_call};
pub use rule::{Entry, Object, effective};
