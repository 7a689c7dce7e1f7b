//! The declarations of the catalog procedures, a file per group.

mod executions;
mod folders;
mod list;
mod projects;
mod workers;

pub use executions::*;
pub use folders::*;
pub use list::PROCEDURES;
pub use projects::*;
pub use workers::*;
