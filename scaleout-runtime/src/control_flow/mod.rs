//! Control flow: what runs when, and what its result is.

pub mod graph;
pub mod outcome;
pub mod schedule;
pub mod slots;
