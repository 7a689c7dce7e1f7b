//! The SDK: an HTTPS client of a master.
//!
//! [`Client`] is what people's programs and `soctl` use. [`Transport`] below it is what a
//! worker uses too: one master, one pinned certificate, JSON both ways.

mod endpoint;
mod error;
mod executions;
mod follow;
mod login;
mod projects;
mod rows;
mod sdk;
mod secret;
mod tls;
mod transport;

pub use endpoint::Endpoint;
pub use error::ClientError;
pub use executions::{Execution, ExecutionParameter, NewExecution, Override};
pub use follow::{Follow, MessageRow, Progress};
pub use login::{Credentials, log_in};
pub use rows::Row;
pub use sdk::{Client, ClientOptions, LogName};
pub use secret::Secret;
pub use tls::{Identity, MasterTrust, client_config};
pub use transport::Transport;

pub use crate::model::ParameterScope;
