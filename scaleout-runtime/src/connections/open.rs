//! Opens the database behind a connection manager.

use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::executor::RuntimeSettings;

use super::postgres::PostgresConnection;
use super::sql_server::SqlServerConnection;
use super::sqlite::SqliteConnection;
use super::target::{Target, target};
use super::{Connection, ConnectionError};
use crate::cancel::CancelToken;

/// Opens it. The connection manager's property expressions must be evaluated already.
///
/// # Errors
/// [`ConnectionError`]: not a database, no driver, or it cannot be reached.
pub fn open(
    manager: &ConnectionManager,
    settings: &RuntimeSettings,
    cancel: &CancelToken,
) -> Result<Box<dyn Connection>, ConnectionError> {
    let name = manager.name.as_str();
    let cancel = cancel.clone();
    Ok(match target(manager, settings)? {
        Target::SqlServer(string) => Box::new(SqlServerConnection::open(name, &string, cancel)?),
        // Who reaches the catalog opens it by itself.
        Target::Catalog => {
            return Err(ConnectionError::NoCatalog {
                name: name.to_owned(),
            });
        }
        #[cfg(feature = "odbc")]
        Target::Odbc(string) => Box::new(super::odbc::OdbcConnection::open(name, &string, cancel)?),
        #[cfg(not(feature = "odbc"))]
        Target::Odbc(_) => {
            return Err(ConnectionError::Unsupported {
                name: name.to_owned(),
                reason: "this program was built without the feature `odbc`".to_owned(),
            });
        }
        Target::Postgres(string) => Box::new(PostgresConnection::open(name, &string, cancel)?),
        Target::Sqlite { path, create } => {
            Box::new(SqliteConnection::open(name, path, create, cancel)?)
        }
    })
}
