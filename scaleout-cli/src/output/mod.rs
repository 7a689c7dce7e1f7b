//! What a command gives back, and how people and scripts see it.
//!
//! A command returns an [`Outcome`] for [`print`]; one that goes on puts its results into a
//! [`Stream`]. Both write to stdout, and nothing else does.

mod cell;
mod layout;
mod outcome;
mod print;
mod stream;
mod table;
mod talk;
mod time;
mod wrap;

pub use cell::Cell;
pub use outcome::{Outcome, Report};
pub use print::{OutputFormat, colours_wanted, print};
pub use stream::Stream;
pub use talk::Talk;
pub use time::{local_time, local_time_exact};
