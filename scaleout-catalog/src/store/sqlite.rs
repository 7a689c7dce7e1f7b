//! SQLite's side of a session: it types values, not columns.
//!
//! The library works on the thread that calls it. The connection that writes is alone on a thread of
//! its own ([`super::writer`]) and runs its statements there; those that read hand theirs to a thread
//! that may block.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::error::{DatabaseError, StoreError};
use super::value::{Args, Row, SqlValue};

/// Distinct statements kept prepared per connection.
const STATEMENTS: usize = 256;
/// How long a statement waits for another connection.
const BUSY: Duration = Duration::from_secs(10);

/// A connection.
#[derive(Debug)]
pub struct Sqlite {
    /// Away while a statement runs elsewhere, and for good when nobody waited for its end. Never locked:
    /// it makes a session something that threads may share.
    connection: Mutex<Option<Connection>>,
    place: Place,
    /// The pool that it goes back to.
    home: Option<Borrowed>,
}

/// Where statements run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the thread that asks: for the one that writes, and for what reads a row or a few by an index,
    /// which takes less time than telling another thread.
    Here,
    /// On a thread that may block.
    Elsewhere,
}

/// From a pool, to which the connection goes back.
#[derive(Debug)]
struct Borrowed {
    pool: Arc<Pool>,
    _turn: OwnedSemaphorePermit,
}

impl Sqlite {
    /// The connection that writes, on a thread that is its own. The file is there.
    pub fn writer(path: &Path) -> Result<Self, StoreError> {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, |connection| {
            // `PRAGMA journal_mode` answers with a row.
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            // A commit is on disk before anyone hears of it.
            connection.pragma_update(None, "synchronous", "FULL")?;
            // Else each larger change has a file for taking it back, made and removed at once.
            connection.pragma_update(None, "temp_store", "MEMORY")
        })?;
        Ok(Self {
            connection: Mutex::new(Some(connection)),
            place: Place::Here,
            home: None,
        })
    }

    /// A connection that reads.
    pub fn reader(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            connection: Mutex::new(Some(connect_to_read(path)?)),
            place: Place::Elsewhere,
            home: None,
        })
    }

    /// Runs a statement and says how many rows it changed.
    pub async fn execute(
        &mut self,
        sql: Cow<'static, str>,
        args: Args,
    ) -> Result<u64, DatabaseError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            bind(&mut statement, args)?;
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
            drop(rows);
            drop(statement);
            Ok(connection.changes())
        })
        .await
    }

    /// All rows of a query.
    pub async fn rows(
        &mut self,
        sql: Cow<'static, str>,
        args: Args,
    ) -> Result<Vec<Row>, DatabaseError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            bind(&mut statement, args)?;
            let names = statement.column_names().into_iter().map(ToOwned::to_owned);
            let names: Arc<[String]> = names.collect();
            let mut rows = statement.raw_query();
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..names.len()).map(|index| own_value(row.get_ref(index)?));
                let values = values.collect::<Result<_, rusqlite::Error>>()?;
                found.push(Row::new(Arc::clone(&names), values));
            }
            Ok(found)
        })
        .await
    }

    /// Runs statements that control a transaction, and keeps them prepared.
    pub async fn control(&mut self, sql: &'static str) -> Result<(), DatabaseError> {
        self.run(|connection| {
            for statement in sql.split("; ") {
                connection.prepare_cached(statement)?.raw_execute()?;
            }
            Ok(())
        })
        .await
    }

    /// Runs several statements without parameters.
    pub async fn script(&mut self, sql: &'static str) -> Result<(), DatabaseError> {
        self.run(|connection| connection.execute_batch(sql)).await
    }

    /// Closes the connection, so that the database is complete without it.
    pub fn close(mut self) -> Result<(), DatabaseError> {
        match self.held().take() {
            Some(connection) => Ok(connection.close().map_err(|(_, error)| error)?),
            None => Ok(()),
        }
    }

    fn held(&mut self) -> &mut Option<Connection> {
        let held = self.connection.get_mut();
        held.unwrap_or_else(PoisonError::into_inner)
    }

    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let Some(mut connection) = self.held().take() else {
            return Err(DatabaseError::GivenUp);
        };
        let (connection, done) = match self.place {
            Place::Here => {
                let done = work(&mut connection);
                (connection, done)
            }
            Place::Elsewhere => {
                let run = spawn_blocking(move || {
                    let done = work(&mut connection);
                    (connection, done)
                });
                run.await.map_err(|_| DatabaseError::GivenUp)?
            }
        };
        *self.held() = Some(connection);
        Ok(done?)
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        if let (Some(connection), Some(home)) = (self.held().take(), &self.home) {
            home.pool.keep(connection);
        }
    }
}

/// Connections that read, each used by one session at a time.
#[derive(Debug)]
pub struct Pool {
    path: Box<Path>,
    most: u32,
    place: Place,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    /// At most so many connections to a file, made when they are needed.
    pub fn new(path: &Path, most: u32, place: Place) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            most,
            place,
            turns: Arc::new(Semaphore::new(most as usize)),
            idle: Mutex::default(),
        })
    }

    /// A connection, once there is one.
    pub async fn take(self: &Arc<Self>) -> Result<Sqlite, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Closed)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let path = self.path.clone();
                let made = spawn_blocking(move || connect_to_read(&path)).await;
                made.map_err(|_| StoreError::Closed)??
            }
        };
        Ok(Sqlite {
            connection: Mutex::new(Some(connection)),
            place: self.place,
            home: Some(Borrowed {
                pool: Arc::clone(self),
                _turn: turn,
            }),
        })
    }

    /// Gives no more connections; returns when none is used any more.
    pub async fn close(&self) {
        // An error means that it was closed before.
        let all = self.turns.acquire_many(self.most).await;
        self.turns.close();
        self.idle().clear();
        drop(all);
    }

    fn keep(&self, connection: Connection) {
        self.idle().push(connection);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, |_| Ok(()))
}

fn connect(
    path: &Path,
    access: OpenFlags,
    prepare: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<Connection, StoreError> {
    let connected = || {
        // One thread at a time has it, so the library need not look after that.
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "foreign_keys", true)?;
        // Else a statement whose plan could depend on an argument is prepared anew for each.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        prepare(&connection)?;
        Ok(connection)
    };
    connected().map_err(|source: rusqlite::Error| StoreError::Open {
        path: path.to_owned(),
        source: source.into(),
    })
}

/// Binds `$1`, `$2`, … by their numbers, and places without one in their order.
fn bind(statement: &mut Statement<'_>, args: Args) -> rusqlite::Result<()> {
    let mut args: Vec<Option<Value>> = args.into_iter().map(|arg| Some(value(arg))).collect();
    for place in 1..=statement.parameter_count() {
        let name = statement.parameter_name(place);
        let number = name.and_then(|name| name.get(1..)?.parse().ok());
        let number: usize = number.unwrap_or(place);
        let arg = number.checked_sub(1).and_then(|index| args.get_mut(index));
        match arg {
            // SQLite gives the same name one place, so each is asked for once.
            Some(arg) => statement.raw_bind_parameter(place, arg.take())?,
            None => return Err(rusqlite::Error::InvalidParameterCount(place, args.len())),
        }
    }
    Ok(())
}

fn value(arg: SqlValue) -> Value {
    match arg {
        SqlValue::Null => Value::Null,
        SqlValue::Integer(number) => Value::Integer(number),
        SqlValue::Real(number) => Value::Real(number),
        SqlValue::Text(text) => Value::Text(text),
        SqlValue::Blob(bytes) => Value::Blob(bytes),
    }
}

fn own_value(value: ValueRef<'_>) -> rusqlite::Result<SqlValue> {
    Ok(match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(number) => SqlValue::Integer(number),
        ValueRef::Real(number) => SqlValue::Real(number),
        ValueRef::Text(_) => SqlValue::Text(value.as_str()?.to_owned()),
        ValueRef::Blob(bytes) => SqlValue::Blob(bytes.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::args;

    fn file() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        std::fs::File::create(&path).unwrap();
        (folder, path)
    }

    fn values(rows: Vec<Row>) -> Vec<Vec<SqlValue>> {
        rows.into_iter().map(Row::into_values).collect()
    }

    #[tokio::test]
    async fn arguments_are_bound_by_number_and_come_back_as_they_were() {
        let (_folder, path) = file();
        let mut one = Sqlite::writer(&path).unwrap();
        let sql = "SELECT $2, $1, $2, ?, x'00ff', NULL, 1.5";
        let rows = one.rows(sql.into(), args!["first", 2_i64, "third"]).await;
        let bytes = SqlValue::Blob(vec![0, 255]);
        let rest = [bytes, SqlValue::Null, SqlValue::Real(1.5)];
        let mut expected = args![2_i64, "first", 2_i64, "third"];
        expected.extend(rest);
        assert_eq!(values(rows.unwrap()), [expected]);
    }

    #[tokio::test]
    async fn too_few_arguments_are_refused() {
        let (_folder, path) = file();
        let mut one = Sqlite::writer(&path).unwrap();
        let refused = one.rows("SELECT $1, $2".into(), args![1_i64]).await;
        assert!(refused.is_err());
    }

    #[tokio::test]
    async fn a_statement_says_how_many_rows_it_changed() {
        let (_folder, path) = file();
        let mut one = Sqlite::writer(&path).unwrap();
        one.script("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)")
            .await
            .unwrap();
        let changed = one.execute(
            "UPDATE t SET x = $1 WHERE x < $2".into(),
            args![0_i64, 3_i64],
        );
        assert_eq!(changed.await.unwrap(), 2);
        let returning = "DELETE FROM t WHERE x = 0 RETURNING x";
        assert_eq!(one.execute(returning.into(), args![]).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn readers_see_what_is_committed_and_change_nothing() {
        let (_folder, path) = file();
        let mut one = Sqlite::writer(&path).unwrap();
        one.script("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
            .await
            .unwrap();
        let pool = Pool::new(&path, 1, Place::Elsewhere);
        let mut reader = pool.take().await.unwrap();
        let count = "SELECT count(*) FROM t";
        let rows = reader.rows(count.into(), args![]).await.unwrap();
        assert_eq!(values(rows), [args![0_i64]]);
        one.script("COMMIT").await.unwrap();
        let rows = reader.rows(count.into(), args![]).await.unwrap();
        assert_eq!(values(rows), [args![1_i64]]);
        assert!(
            reader
                .execute("DELETE FROM t".into(), args![])
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn a_connection_whose_statement_nobody_waits_for_is_replaced() {
        let (_folder, path) = file();
        let pool = Pool::new(&path, 1, Place::Elsewhere);
        let mut reader = pool.take().await.unwrap();
        let mut asked = Box::pin(reader.rows("SELECT 1".into(), args![]));
        let waker = futures_util::task::noop_waker();
        let polled = asked
            .as_mut()
            .poll(&mut std::task::Context::from_waker(&waker));
        drop(asked);
        if polled.is_pending() {
            let after = reader.rows("SELECT 1".into(), args![]).await;
            assert!(matches!(after, Err(DatabaseError::GivenUp)));
        }
        drop(reader);
        let mut next = pool.take().await.unwrap();
        let rows = next.rows("SELECT 1".into(), args![]).await.unwrap();
        assert_eq!(values(rows), [args![1_i64]]);
        drop(next);
        pool.close().await;
        assert!(matches!(pool.take().await, Err(StoreError::Closed)));
    }
}
