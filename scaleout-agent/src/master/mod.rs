//! The master service: one TLS port, the catalog behind it, and the scheduler.

mod chores;
mod connection;
mod dispatch;
mod error;
mod first_start;
mod grants;
mod guard;
mod handshakes;
mod http;
mod identities;
mod jobs;
mod listen;
mod logs;
mod metrics;
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
mod unserved;

pub use error::MasterError;
pub(crate) use http::ApiError;
pub use http::{Access, ENDPOINTS, Endpoint};
pub(crate) use identities::Identities;
pub use identities::PreviousIdentity;
pub(crate) use listen::accept;
pub(crate) use metrics::result_of;
pub use options::{ConnectionLimits, MasterOptions};
pub(crate) use peer::Peer;
pub use start::{Master, RunningMaster};
pub(crate) use tls::server_config;
