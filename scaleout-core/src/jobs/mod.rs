//! Jobs as SQL Server Agent has them: schedules, steps, and what a run does next.
//!
//! Everything here is pure: `now` is a parameter, and the catalog stores what comes back.

pub mod command;
pub mod policy;
pub mod run;
pub mod schedule;
