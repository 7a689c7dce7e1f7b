//! SQL Server, over its own protocol.

mod bulk;
mod connection;
mod read;
mod settings;
mod types;
mod values;
mod wait;

pub use connection::SqlServerConnection;
