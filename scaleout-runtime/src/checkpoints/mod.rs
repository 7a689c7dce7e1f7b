//! Checkpoints: a package that failed goes on where it failed when it is run again.
//!
//! [`file`] is the documented file; [`restart`] decides, without any I/O, which of the recorded
//! executables need not run again; [`state`] is what a run knows and saves.

mod file;
mod restart;
mod settings;
mod start;
mod state;

pub use settings::Settings;
pub use start::start;
pub use state::Checkpoints;
