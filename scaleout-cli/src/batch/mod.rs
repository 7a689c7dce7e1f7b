//! Batches: packages that run as one, each after those that it depends on.
//!
//! `file` reads a batch from TOML, `check` finds all that is wrong with it, `engine` runs it,
//! `journal` keeps what was started, and `outcome` is what a person or script gets.

mod check;
mod engine;
mod file;
mod journal;
mod outcome;

pub use check::{Member, check};
pub use engine::Batch;
pub use file::BatchFile;
pub use journal::Journal;
pub use outcome::of_batch;
