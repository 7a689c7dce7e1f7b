//! Opening files, and what each connection to them is set to.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection as Database, OpenFlags};

use super::functions;
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
    last_sign: &LastSign,
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
    functions::register(&database)?;
    watch(&database, cancel, (last_sign, None))?;
    Ok(database)
}

/// When a statement last began, or gave rows.
#[derive(Clone, Debug)]
pub(super) struct LastSign(Arc<Mutex<Instant>>);

impl LastSign {
    /// Now is a sign.
    pub(super) fn now() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// There is a sign again.
    pub(super) fn renew(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_older_than(&self, limit: Duration) -> bool {
        limit
            < self
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .elapsed()
    }
}

/// Interrupts statements when the package is stopped, or when there is no sign for `limit`.
pub(super) fn watch(
    database: &Database,
    cancel: &CancelToken,
    (last_sign, limit): (&LastSign, Option<Duration>),
) -> rusqlite::Result<()> {
    let (token, last_sign) = (cancel.clone(), last_sign.clone());
    let is_late = move || limit.is_some_and(|limit| last_sign.is_older_than(limit));
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
