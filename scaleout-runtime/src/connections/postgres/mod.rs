//! PostgreSQL.

mod connection;
mod copy;
mod decode;
mod encode;
mod mark_types;
mod names;
mod numeric;
mod read;
mod session;
mod settings;
mod try_cast;
mod types;

pub use connection::PostgresConnection;
