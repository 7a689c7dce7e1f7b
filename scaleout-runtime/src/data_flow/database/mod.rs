//! Sources and destinations of databases, and statements for rows. OLE DB, ADO.NET, ODBC and SQL Server
//! components differ in their settings and in the words of their errors; rows go through the same
//! connections.

mod adapt;
mod ado_net_destination;
mod ado_net_source;
mod binding;
mod destination;
mod family;
mod loader;
mod odbc_destination;
mod odbc_source;
mod ole_db_command;
mod ole_db_destination;
mod ole_db_source;
mod parameters;
mod reader;
mod refusal;
mod source;
mod sql_server_destination;
#[cfg(test)]
mod tests;

pub use ado_net_destination::AdoNetDestination;
pub use ado_net_source::AdoNetSource;
pub use odbc_destination::OdbcDestination;
pub use odbc_source::OdbcSource;
pub use ole_db_command::OleDbCommand;
pub use ole_db_destination::OleDbDestination;
pub use ole_db_source::OleDbSource;
pub use sql_server_destination::SqlServerDestination;
