//! Jobs: what fires when, and what their runs do next.
//!
//! What is to be done is decided in `scaleout_core::jobs`; here it is done, each move in one
//! transaction, as guarded statements, so that several masters can look after the same jobs.

mod advance;
mod begin;
pub(crate) mod enter;
mod finish;
mod fire;
pub(crate) mod next;
mod notify;
pub(crate) mod owner;

pub use crate::store::jobs::notification::Notification;
pub use crate::store::jobs::schedule::Due;
pub use advance::{Advanced, ScriptStep};
