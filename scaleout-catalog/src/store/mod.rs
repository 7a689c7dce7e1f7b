//! The database: the only place with SQL.
//!
//! [`session::Session`] is a connection with our own argument and row types, so that
//! another database is another variant there and nothing above notices. Statements
//! use `$1` parameters and SQL that both SQLite and PostgreSQL understand.

pub mod attempts;
pub mod error;
pub mod events;
pub mod executions;
pub mod folders;
pub mod migrate;
pub mod open;
pub mod operations;
pub mod packages;
pub mod parameters;
pub mod projects;
pub mod properties;
pub mod session;
pub mod tokens;
pub mod value;
pub mod view_query;
pub mod workers;
pub mod writer;

pub use error::StoreError;
pub use open::Store;
pub use session::Session;
pub(crate) use value::args;
pub use value::{Args, Row, SqlValue};
