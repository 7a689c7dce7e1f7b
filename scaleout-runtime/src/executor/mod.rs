//! The executor process: runs packages that a worker names on its standard input.

mod children;
mod local;
mod output;
mod projects;
mod redacted;
mod serve;
mod ticker;
mod usage;

pub use local::{check_local, design_values, run_local};
pub use projects::serve;
pub(crate) use redacted::Redacted;
pub use serve::{Control, Runner, serve_with};
