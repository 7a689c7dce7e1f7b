//! The declarations of the catalog views, a file per group.

mod certificates;
mod diagnostics;
mod environments;
mod executions;
mod list;
mod messages;
mod projects;
mod queue;
mod reports;
mod security;
mod server;

pub use certificates::*;
pub use diagnostics::*;
pub use environments::*;
pub use executions::*;
pub use list::VIEWS;
pub use messages::*;
pub use projects::*;
pub use queue::*;
pub use reports::*;
pub use security::*;
pub use server::*;
