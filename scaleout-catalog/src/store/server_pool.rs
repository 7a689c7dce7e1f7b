//! Connections to a server that read, each used by one session at a time.
//!
//! The driver's own pool asks the server whether a connection is still there before it is used and
//! again after it, which makes three ways to the server of one query. Here one is asked only when it has
//! rested, and a query whose connection breaks is sent again on a new one: it changes nothing.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::error::StoreError;
use super::postgres;
use super::server::{Reads, Server, silence};
use super::value::{Args, Row};

/// How long a reader waits for a connection.
const LIMIT: Duration = Duration::from_secs(5);
/// What rested so long is asked whether it is still there: a server that is gone without a word would
/// keep a query waiting.
const RESTED: Duration = Duration::from_secs(1);

/// Connections that read.
#[derive(Debug)]
pub struct ServerPool {
    server: Server,
    reads: Reads,
    most: u32,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    connection: PgConnection,
    since: Instant,
}

impl ServerPool {
    /// At most so many connections; none is made before it is needed.
    pub fn new(server: Server, reads: Reads, most: u32) -> Arc<Self> {
        Arc::new(Self {
            server,
            reads,
            most,
            turns: Arc::new(Semaphore::new(most as usize)),
            idle: Mutex::default(),
        })
    }

    /// A connection, once there is one.
    ///
    /// # Errors
    /// None became free in time, or the server cannot be reached.
    pub async fn take(self: &Arc<Self>) -> Result<Reader, StoreError> {
        let turn = timeout(LIMIT, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| self.away(sqlx::Error::PoolTimedOut))?;
        let turn = turn.map_err(|_| StoreError::Closed)?;
        let (connection, is_new) = match self.rested().await {
            Some(connection) => (connection, false),
            None => (self.connect().await?, true),
        };
        Ok(Reader {
            connection: Some(connection),
            is_new,
            is_whole: true,
            pool: Arc::clone(self),
            _turn: turn,
        })
    }

    /// One that was used before and is still there, as far as is known.
    async fn rested(&self) -> Option<PgConnection> {
        loop {
            let idle = self.idle().pop();
            let Idle {
                mut connection,
                since,
            } = idle?;
            if since.elapsed() < RESTED {
                return Some(connection);
            }
            if let Ok(Ok(())) = timeout(LIMIT, connection.ping()).await {
                return Some(connection);
            }
        }
    }

    async fn connect(&self) -> Result<PgConnection, StoreError> {
        let connected = timeout(LIMIT, self.server.connect_to_read(self.reads)).await;
        connected.unwrap_or_else(|_| Err(self.away(silence())))
    }

    fn away(&self, source: sqlx::Error) -> StoreError {
        StoreError::away(self.server.name(), source)
    }

    /// Gives no more connections; returns when none is used any more.
    pub async fn close(&self) {
        // An error means that it was closed before.
        let all = self.turns.acquire_many(self.most).await;
        self.turns.close();
        let idle = std::mem::take(&mut *self.idle());
        for Idle { connection, .. } in idle {
            // The server notices by itself, too.
            let _ = connection.close().await;
        }
        drop(all);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection of the pool, until it is dropped.
#[derive(Debug)]
pub struct Reader {
    /// There until it is dropped.
    connection: Option<PgConnection>,
    /// Made for this session: if it breaks, the server is gone, not only the connection.
    is_new: bool,
    /// It has not broken, and no answer was left behind on it: it may serve others.
    is_whole: bool,
    pool: Arc<ServerPool>,
    _turn: OwnedSemaphorePermit,
}

impl Reader {
    /// Where it leads, for errors.
    pub fn server(&self) -> &Arc<str> {
        self.pool.server.name()
    }

    /// The connection itself.
    pub fn connection(&mut self) -> &mut PgConnection {
        let connection = self.connection.as_mut();
        connection.expect("a reader has a connection until it is dropped")
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// The server refuses it, or cannot be reached.
    pub async fn rows(
        &mut self,
        sql: Cow<'static, str>,
        args: Args,
    ) -> Result<Vec<Row>, StoreError> {
        if self.is_whole {
            match self.try_rows(sql.clone(), args.clone()).await {
                Err(error) if error.is_away() && !self.is_new => {}
                done => return done,
            }
        }
        // What rests was made to the same server before.
        self.pool.idle().clear();
        self.connection = Some(self.pool.connect().await?);
        self.is_new = true;
        self.try_rows(sql, args).await
    }

    async fn try_rows(
        &mut self,
        sql: Cow<'static, str>,
        args: Args,
    ) -> Result<Vec<Row>, StoreError> {
        // Whoever stops waiting for the answer leaves it behind.
        self.is_whole = false;
        let done = postgres::rows(self.connection(), sql.clone(), args).await;
        let done = done.map_err(|source| StoreError::on_server(self.server(), &sql, source));
        self.is_whole = !done.as_ref().is_err_and(StoreError::is_away);
        done
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.is_whole) {
            let since = Instant::now();
            self.pool.idle().push(Idle { connection, since });
        }
    }
}
