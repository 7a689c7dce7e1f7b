//! Any number of rows in the order of their keys: in memory as long as the budget has room, then
//! in temporary files as sorted runs that are merged at the end.

mod held;
mod runs;
mod sorter;

pub use held::{Entry, Held};
pub use runs::{Run, RunWriter, Runs};
pub use sorter::{Sorter, SorterSettings};
