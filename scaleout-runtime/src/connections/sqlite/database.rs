//! Opening files, and what each connection to them is set to.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection as Database, OpenFlags};

use crate::cancel::CancelToken;
use crate::connections::table_name::quoted;

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);
/// Virtual machine steps between two looks at the cancel token.
const STEPS_BETWEEN_CHECKS: i32 = 10_000;

/// Opens or makes a file; in memory for a folder that has no main file yet.
pub(super) fn open_file(
    file: &Path,
    in_memory: bool,
    cancel: &CancelToken,
) -> rusqlite::Result<Database> {
    let database = if in_memory {
        Database::open_in_memory()?
    } else {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Database::open_with_flags(file, flags)?
    };
    database.busy_timeout(BUSY_TIMEOUT)?;
    database.execute_batch("PRAGMA foreign_keys = ON")?;
    use_wal(&database, "main")?;
    watch(&database, cancel, None)?;
    Ok(database)
}

/// Interrupts statements when the package is stopped, or when `limit` from now has passed.
pub(super) fn watch(
    database: &Database,
    cancel: &CancelToken,
    limit: Option<Duration>,
) -> rusqlite::Result<()> {
    let token = cancel.clone();
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let is_late = move || end.is_some_and(|end| end < Instant::now());
    database.progress_handler(
        STEPS_BETWEEN_CHECKS,
        Some(move || token.is_canceled() || is_late()),
    )
}

/// Makes a file a schema of the connection.
pub(super) fn attach_file(database: &Database, alias: &str, file: &Path) -> rusqlite::Result<()> {
    let sql = format!("ATTACH DATABASE ?1 AS {}", quoted(alias));
    database.execute(&sql, [file.to_string_lossy()])?;
    use_wal(database, alias)
}

/// A data flow often reads one table while it writes another of the same file. Only with a
/// write-ahead log can both go on at once; without, they would wait for each other.
fn use_wal(database: &Database, schema: &str) -> rusqlite::Result<()> {
    let sql = format!("PRAGMA {}.journal_mode = WAL", quoted(schema));
    let mode = database.query_row(&sql, [], |row| row.get::<_, String>(0));
    match mode {
        // Another mode is what a read-only file or a busy one answers: it works, with waiting.
        Ok(_) => Ok(()),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}
