//! PostgreSQL.

mod connection;
mod copy;
mod decode;
mod encode;
mod names;
mod numeric;
mod read;
mod session;
mod settings;
mod types;

pub use connection::PostgresConnection;
