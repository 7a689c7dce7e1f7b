//! What every part of Scale Out agrees on.
//!
//! The domain model, the registry of catalog procedures and views, the wire
//! protocol, the package formats, certificates, settings and, behind the
//! feature `client`, the SDK.
//!
//! Deliberately absent: any database, any server, any terminal, and (outside
//! the feature `client`) any network I/O.

pub mod batch;
pub mod certificates;
#[cfg(feature = "client")]
pub mod client;
pub mod error;
pub mod jobs;
pub mod kill_points;
pub mod lease;
pub mod metrics;
pub mod model;
pub mod package;
pub mod protocol;
pub mod registry;
pub mod settings;
#[cfg(feature = "client")]
pub mod tls;
pub mod tsql;
