//! The database: the only place with SQL.
//!
//! [`session::Session`] is a connection with our own argument and row types: what differs between
//! SQLite and PostgreSQL is in `sqlite` and `postgres`, and nothing above notices. Statements
//! use `$1` parameters and SQL that both understand; truth values are `boolean` in PostgreSQL, so
//! they are written `WHEN value_set` and `= TRUE`, never `= 1`.

pub mod attempts;
pub mod audit;
pub mod certificates;
pub mod children;
pub mod cleanup;
pub mod company;
pub mod copies;
pub mod counters;
pub mod data_taps;
pub mod dumps;
pub mod ending;
pub mod environments;
pub mod error;
pub mod events;
pub mod executions;
pub mod folders;
pub mod jobs;
pub mod joins;
pub mod keys;
pub mod later;
pub mod link;
pub mod load;
pub mod logging_levels;
pub mod masters;
pub mod message_context;
pub mod migrate;
pub mod neighbours;
pub mod open;
pub mod operations;
pub mod packages;
pub mod parameters;
pub mod pending;
pub mod permissions;
pub mod postgres;
pub mod principals;
pub mod projects;
pub mod properties;
pub mod queue;
pub mod references;
pub mod server;
pub mod server_pool;
pub mod session;
pub mod settled;
pub mod sqlite;
pub mod starting;
pub mod tokens;
pub mod validations;
pub mod value;
pub mod variables;
pub mod versions;
pub mod view_query;
pub mod workers;
pub mod writer;

pub use error::StoreError;
pub use open::Store;
pub use session::{Dialect, Session};
pub(crate) use value::args;
pub use value::{Args, Row, SqlValue};
