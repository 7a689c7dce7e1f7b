//! The declarations of the catalog procedures, a file per group.

mod catalog;
mod certificates;
mod diagnostics;
mod environments;
mod executions;
mod folders;
mod list;
mod logging_levels;
mod logins;
mod permissions;
mod projects;
mod references;
mod validations;
mod workers;

pub use catalog::*;
pub use certificates::*;
pub use diagnostics::*;
pub use environments::*;
pub use executions::*;
pub use folders::*;
pub use list::PROCEDURES;
pub use logging_levels::*;
pub use logins::*;
pub use permissions::*;
pub use projects::*;
pub use references::*;
pub use validations::*;
pub use workers::*;
