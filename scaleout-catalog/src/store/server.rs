//! Connections to a PostgreSQL server: settings of the session, and what masters tell each other.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgConnection};

use super::error::StoreError;
use super::migrate::migrate;
use super::session::{Session, TransactionId};
use super::value::args;
use crate::error::CatalogError;
use crate::location::PostgresLocation;

/// Distinct statements kept prepared per connection.
const STATEMENTS: usize = 256;
/// How long the server may take to let a connection in.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long a note to other masters waits for a connection.
const NOTE_LIMIT: Duration = Duration::from_secs(5);
/// The connection of a master that has just ended may take a moment to be gone.
const LOCK_PATIENCE: &str = "SET lock_timeout = '2s'";
/// The advisory lock of masters, one for each database: "ssisdb" as a number.
const MASTER_LOCK: i64 = 0x7373_6973_6462;
/// How long a transaction may wait for its master, which may have been stopped in the middle of it:
/// its locks hold up other masters.
const IDLE_LIMIT: &str = "15s";
/// The advisory lock of who brings the schema up to date.
const SCHEMA_LOCK: &str = "SELECT pg_advisory_lock(1936943475, 83)";
const SCHEMA_UNLOCK: &str = "SELECT pg_advisory_unlock(1936943475, 83)";
/// Advisory locks of chores that one master does at a time: this, and the number of the chore.
const CHORES: i32 = 1_936_943_476;

/// A plan that was made while tables were small must not read through them when they are large.
const BY_KEYS: [(&str, &str); 3] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// What a connection is to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Pages of views, counts and reports.
    Pages,
    /// A row or a few, by their keys.
    Few,
}

/// A database of a server, and how to connect to it.
#[derive(Clone, Debug)]
pub struct Server {
    name: Arc<str>,
    options: Secretive,
}

/// The driver's options hold the password and would print it.
#[derive(Clone)]
struct Secretive(PgConnectOptions);

impl std::fmt::Debug for Secretive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("********")
    }
}

impl Server {
    /// The server of a location; connects to nothing yet.
    pub fn new(location: &PostgresLocation) -> Result<Self, CatalogError> {
        let options = location
            .options()?
            .statement_cache_capacity(STATEMENTS)
            .application_name(&format!("soctl master, process {}", std::process::id()))
            .options([
                ("search_path", "internal,catalog,msdb"),
                // Planned once, for any value: what is written is found by its keys, and pages are to
                // be read by their index whatever the server's statistics say of how many rows have a
                // status now.
                ("plan_cache_mode", "force_generic_plan"),
                // Compiling takes longer than any statement here.
                ("jit", "off"),
            ])
            .disable_statement_logging();
        Ok(Self {
            name: location.to_string().into(),
            options: Secretive(options),
        })
    }

    /// Where it is, for errors.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// A connection that writes.
    pub async fn connect_to_write(&self) -> Result<Session, StoreError> {
        // A master whose machine is gone, or that was stopped, must not hold its locks for hours.
        let options = self.options.0.clone().options([
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
            ("idle_in_transaction_session_timeout", IDLE_LIMIT),
        ]);
        let options = options.options(BY_KEYS);
        let connecting = tokio::time::timeout(CONNECT_LIMIT, options.connect()).await;
        let connection = connecting.unwrap_or_else(|_| Err(silence()));
        let connection = connection.map_err(|source| StoreError::connecting(&self.name, source))?;
        let mut session = Session::postgres(connection, Arc::clone(&self.name));
        self.lock(&mut session).await?;
        // Acknowledged means on disk, whatever the server's default is.
        session
            .row(
                "SELECT set_config('synchronous_commit', 'on', false)
                 WHERE current_setting('synchronous_commit') IN ('off', 'local')",
                args![],
            )
            .await?;
        Ok(session)
    }

    /// Masters of earlier versions allowed no other beside them: they hold this lock alone.
    async fn lock(&self, session: &mut Session) -> Result<(), StoreError> {
        session.script(LOCK_PATIENCE).await?;
        // `pg_advisory_lock` returns nothing, which has no type of its own to read.
        let locked = session
            .row(
                "SELECT pg_advisory_lock_shared($1) IS NULL AS waited",
                args![MASTER_LOCK],
            )
            .await;
        match locked {
            Ok(_) => session.script("SET lock_timeout = DEFAULT").await,
            Err(StoreError::Statement { source, .. })
                if source.sqlstate().as_deref() == Some("55P03") =>
            {
                Err(StoreError::InUse {
                    server: Arc::clone(&self.name),
                    holder: holder(session).await?,
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Brings the schema up to date while no other master does.
    pub async fn migrate(&self, session: &mut Session, now: Timestamp) -> Result<(), StoreError> {
        session.script(SCHEMA_LOCK).await?;
        let done = migrate(session, now).await;
        session.script(SCHEMA_UNLOCK).await?;
        done
    }

    /// Does a chore unless another master is at it; `None` then. The lock ends with the connection.
    pub async fn chore<T>(
        &self,
        number: i32,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, StoreError> {
        let mut session = self.connect_to_write().await?;
        let row = session
            .row(
                "SELECT pg_try_advisory_lock($1, $2) AS locked",
                args![CHORES, number],
            )
            .await?;
        let locked = row.map_or(Ok(false), |row| row.get("locked"))?;
        let done = if locked { Some(work.await) } else { None };
        session.close().await?;
        Ok(done)
    }

    /// Connections for what masters tell each other.
    pub fn talkers(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(NOTE_LIMIT)
            .connect_lazy_with(self.options.0.clone())
    }

    /// A connection that reads.
    pub async fn connect_to_read(&self, what: Reads) -> Result<PgConnection, StoreError> {
        let options = self.options.0.clone();
        let options = options.options([("default_transaction_read_only", "on")]);
        let options = match what {
            Reads::Pages => options,
            Reads::Few => options.options(BY_KEYS),
        };
        let connected = options.connect().await;
        connected.map_err(|source| StoreError::connecting(&self.name, source))
    }
}

/// Who holds the lock, as the server shows it to this user.
async fn holder(session: &mut Session) -> Result<String, StoreError> {
    let row = session
        .row(
            "SELECT coalesce(nullif(a.application_name, ''), 'unnamed') || ', from '
                 || coalesce(host(a.client_addr), 'the server itself') || ', PID ' || l.pid AS holder
             FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND (l.classid::bigint << 32) + l.objid::bigint = $1",
            args![MASTER_LOCK],
        )
        .await?;
    // It may have let go in between; then the next try gets it.
    row.map_or(Ok("it has just ended".to_owned()), |row| row.get("holder"))
}

/// What became of a transaction of an earlier connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is durable.
    Committed,
    /// Nothing of it happened.
    Aborted,
    /// The server has not ended it yet.
    Open,
}

/// The fate of a transaction of an earlier connection.
pub async fn fate(session: &mut Session, id: TransactionId) -> Result<Fate, StoreError> {
    let row = session
        .row("SELECT txid_status($1) AS status", args![id])
        .await?;
    let status: Option<String> = match row {
        Some(row) => row.get("status")?,
        None => None,
    };
    Ok(match status.as_deref() {
        Some("committed") => Fate::Committed,
        Some("in progress") => Fate::Open,
        _ => Fate::Aborted,
    })
}

/// The server says nothing.
pub fn silence() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "the server does not answer",
    ))
}
