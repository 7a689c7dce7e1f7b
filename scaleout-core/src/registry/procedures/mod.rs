//! The declarations of the catalog procedures, a file per group.

mod catalog;
mod environments;
mod executions;
mod folders;
mod list;
mod logins;
mod permissions;
mod projects;
mod references;
mod workers;

pub use catalog::*;
pub use environments::*;
pub use executions::*;
pub use folders::*;
pub use list::PROCEDURES;
pub use logins::*;
pub use permissions::*;
pub use projects::*;
pub use references::*;
pub use workers::*;
