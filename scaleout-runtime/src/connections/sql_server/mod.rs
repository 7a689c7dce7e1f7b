//! SQL Server, over its own protocol.

mod bulk;
mod connection;
mod login;
mod read;
mod settings;
mod table;
mod types;
mod values;

pub use connection::SqlServerConnection;
pub(crate) use types::parameter_type;

/// Why waiting for SQL Server ended without an answer.
type WaitError = super::wait::WaitError<tiberius::error::Error>;
