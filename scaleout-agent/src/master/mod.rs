//! The master service: one TLS port, the catalog behind it, and the scheduler.

mod chores;
mod connection;
mod dispatch;
mod error;
mod first_start;
mod guard;
mod http;
mod identities;
mod jobs;
mod listen;
mod options;
mod peer;
mod properties;
mod queue_chores;
pub mod schedule;
mod schedule_children;
mod start;
mod state;
mod throttle;
mod tls;

pub use error::MasterError;
pub use http::{Access, ENDPOINTS, Endpoint};
pub use identities::PreviousIdentity;
pub use options::MasterOptions;
pub use start::{Master, RunningMaster};
