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
mod logs;
mod metrics;
mod procedure;
mod project;
mod ready;
mod register;
mod registry;
mod renew;
mod router;
mod service_log;
mod start_child;
mod task_heartbeat;
mod view;

pub(crate) use answer::ApiError;
pub use endpoints::{Access, ENDPOINTS, Endpoint};
pub(super) use router::router;
