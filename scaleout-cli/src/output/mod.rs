//! What a command gives back, and how people and scripts see it.
//!
//! A command returns an [`Outcome`]; [`print`] is the only writer to stdout.

mod outcome;
mod print;
mod talk;
mod time;

pub use outcome::{Cell, Outcome, Report};
pub use print::{OutputFormat, print};
pub use talk::Talk;
pub use time::{ago, duration_between, local_time};
