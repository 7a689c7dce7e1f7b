//! A SQLite database that is looked at and copied, not worked on.

use std::path::Path;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::{Session, StoreError, args};

/// Opens a database to read. Its schema stays as it is.
pub async fn open(path: &Path) -> Result<Session, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .disable_statement_logging();
    let connection = options.connect().await.map_err(|source| StoreError::Open {
        path: path.to_owned(),
        source,
    })?;
    Ok(Session::sqlite(connection))
}

/// Writes the database, as it is at this moment, into an empty file.
pub async fn vacuum_into(session: &mut Session, target: &Path) -> Result<(), StoreError> {
    let target = target.to_string_lossy().into_owned();
    session.execute("VACUUM INTO $1", args![target]).await?;
    Ok(())
}
