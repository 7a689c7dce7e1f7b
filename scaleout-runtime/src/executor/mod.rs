//! The executor process: runs packages that a worker names on its standard input.

mod output;
mod serve;

pub use serve::{Runner, serve_with};
