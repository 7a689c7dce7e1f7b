//! Everything that crosses a process: worker and master, executor and worker, logins.
//!
//! A message keeps its name and meaning for ever. To change one, add a field with a
//! `#[serde(default)]` that means "as before", or add a new message and raise
//! [`PROTOCOL_VERSION`]. `tests/wire/` holds a recorded example of every message
//! ever released, and all of them must still decode.

pub mod child;
pub mod event;
pub mod executor;
pub mod job;
pub mod login;
pub mod logs;
pub mod task;
pub mod worker;

/// Version of the worker protocol that this build speaks.
pub const PROTOCOL_VERSION: u32 = 1;
