//! A SQLite database that is looked at and copied, not worked on.

use std::path::Path;

use super::sqlite::Sqlite;
use super::{Session, StoreError, args};

/// Opens a database to read. Its schema stays as it is.
pub fn open(path: &Path) -> Result<Session, StoreError> {
    Ok(Session::sqlite(Sqlite::reader(path)?))
}

/// Writes the database, as it is at this moment, into an empty file.
pub async fn vacuum_into(session: &mut Session, target: &Path) -> Result<(), StoreError> {
    let target = target.to_string_lossy().into_owned();
    session.execute("VACUUM INTO $1", args![target]).await?;
    Ok(())
}
