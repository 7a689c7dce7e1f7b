//! The endpoints of a master, one file each.

mod answer;
mod await_child;
mod body;
mod call_job;
mod complete;
mod endpoints;
mod hand_back;
mod health;
mod heartbeat;
mod join;
mod lease;
mod log;
mod login;
mod procedure;
mod project;
mod register;
mod registry;
mod renew;
mod router;
mod start_child;
mod task_heartbeat;
mod view;

pub(super) use answer::ApiError;
pub use endpoints::{Access, ENDPOINTS, Endpoint};
pub(super) use router::router;
