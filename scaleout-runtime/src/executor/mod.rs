//! The executor process: runs packages that a worker names on its standard input.

mod local;
mod output;
mod projects;
mod redacted;
mod serve;

pub use local::{check_local, design_values, run_local};
pub use projects::serve;
pub(crate) use redacted::Redacted;
pub use serve::{Runner, serve_with};
