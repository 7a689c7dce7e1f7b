//! Databases through ODBC drivers, by the driver manager of the system.

mod connection;
mod insert;
mod names;
mod parameters;
mod problem;
mod read;
mod string;
mod types;

pub use connection::OdbcConnection;

#[cfg(test)]
mod tests;
