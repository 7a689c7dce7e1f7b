//! Transactions of containers: one native transaction of one database.
//!
//! The original coordinates any number of databases (MSDTC). Here a container has the one
//! database that is written inside it; what would need a second one is refused, at validation
//! where it can be seen, otherwise when it is opened.

mod begin;
mod enlisted;
mod link;
mod survey;
mod transaction;

pub use begin::{Standing, enter};
pub use enlisted::Enlisted;
pub use link::Link;
pub use survey::problems;
pub use transaction::Transaction;
