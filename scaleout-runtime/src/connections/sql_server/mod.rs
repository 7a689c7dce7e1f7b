//! SQL Server, over its own protocol.

mod bulk;
mod connection;
mod login;
mod read;
mod settings;
mod table;
mod types;
mod values;
mod wait;

pub use connection::SqlServerConnection;
pub(crate) use types::parameter_type;
