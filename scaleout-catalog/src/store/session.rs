//! One connection, whatever the database.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use scaleout_core::protocol::worker::AttemptKey;
use sqlx::{Connection as _, PgConnection, Row as _};

use super::args;
use super::company::Company;
use super::error::{DatabaseError, StoreError};
use super::later::Later;
use super::postgres;
use super::server_pool::Reader;
use super::sqlite::Sqlite;
use super::value::{Args, Row};

mod rows;

/// Most queries whose rows are remembered.
const MOST_REMEMBERED: usize = 4096;

/// A connection, and what the statements on it want to be woken after the commit.
pub struct Session {
    connection: Connection,
    /// Something that the scheduler waits for happened.
    pub(super) wakes_scheduler: bool,
    /// An execution ended.
    pub(super) wakes_waiters: bool,
    /// Something that runs is to be stopped.
    pub(super) wakes_holders: bool,
    /// Rows that are written together before the commit.
    pub(super) later: Later,
    /// How many of them are of other changes than the one that runs.
    others: usize,
    /// What was read of what only a change that is alone may change; `None` while such a change runs.
    /// It is kept until there is such a change: on SQLite, where nobody else writes, by this session; on
    /// a server by anybody, who moves a count with it.
    memo: Option<HashMap<String, Vec<Row>>>,
    /// The count that the memo goes with.
    alone: Option<i64>,
    /// Something was sent since the savepoint that has to be taken back with it.
    touched: bool,
    /// Locks were taken since the savepoint on which what is left for the commit, or was read ahead,
    /// depends.
    holds_locks: bool,
    /// What was read for changes of this transaction before their turn came: the rows of executions
    /// that are locked.
    ahead: HashMap<Ahead, Vec<Row>>,
    /// Executions that changes of this transaction are about to create, the one that runs among them.
    creations: usize,
    /// Ids that the server has given out for operations of this transaction.
    ids: VecDeque<i64>,
}

enum Connection {
    Sqlite(Box<Sqlite>),
    Postgres(PgConnection, Arc<str>),
    Reader(Reader),
}

/// What rows were read for ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ahead {
    /// The start of an execution.
    Start(i64),
    /// The end of an attempt.
    End(AttemptKey),
}

/// Which database a session speaks to, where its SQL differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
}

/// What a server calls a transaction, to ask for its fate.
pub type TransactionId = i64;

impl Session {
    /// A session on a connection to a file.
    pub(super) fn sqlite(connection: Sqlite) -> Self {
        Self::on(Connection::Sqlite(Box::new(connection)))
    }

    /// A session on a connection of its own; `server` names it in errors.
    pub(super) fn postgres(connection: PgConnection, server: Arc<str>) -> Self {
        Self::on(Connection::Postgres(connection, server))
    }

    /// A session on a connection of the pool of those that read.
    pub(super) fn reading(reader: Reader) -> Self {
        Self::on(Connection::Reader(reader))
    }

    fn on(connection: Connection) -> Self {
        Self {
            connection,
            wakes_scheduler: false,
            wakes_waiters: false,
            wakes_holders: false,
            later: Later::default(),
            others: 0,
            memo: None,
            alone: None,
            touched: false,
            holds_locks: false,
            ahead: HashMap::new(),
            creations: 1,
            ids: VecDeque::new(),
        }
    }

    /// After the commit the scheduler looks again.
    pub fn wake_scheduler(&mut self) {
        self.wakes_scheduler = true;
    }

    /// After the commit those who wait for an ending look again.
    pub fn wake_waiters(&mut self) {
        self.wakes_waiters = true;
    }

    /// After the commit the workers that run something ask whether to stop it.
    pub fn wake_holders(&mut self) {
        self.wakes_holders = true;
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(..) | Connection::Reader(_) => Dialect::Postgres,
        }
    }

    /// Lets others have the processor between two statements of a long change. Statements on a file
    /// run on the thread that writes, which else keeps readers waiting for its share of time.
    pub fn give_way(&self) {
        if self.dialect() == Dialect::Sqlite {
            std::thread::yield_now();
        }
    }

    /// Runs a statement and says how many rows it changed.
    pub async fn execute(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        self.touch().await?;
        let done = match self.raw() {
            Raw::Sqlite(connection) => connection.execute(sql.clone(), args).await,
            Raw::Postgres(connection) => postgres::execute(connection, sql.clone(), args)
                .await
                .map_err(DatabaseError::from),
        };
        done.map_err(|source| self.failed(&sql, source))
    }

    /// Runs several statements without parameters.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.touch().await?;
        let done = match self.raw() {
            Raw::Sqlite(connection) => connection.script(sql).await,
            Raw::Postgres(connection) => {
                let done = sqlx::raw_sql(sql).execute(connection).await;
                done.map(drop).map_err(DatabaseError::from)
            }
        };
        done.map_err(|source| self.failed(sql, source))
    }

    /// Runs statements that control a transaction, of which there are some for each change.
    pub(super) async fn control(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match self.raw() {
            Raw::Sqlite(connection) => {
                let done = connection.control(sql).await;
                done.map_err(|source| self.failed(sql, source))
            }
            Raw::Postgres(connection) => {
                let done = sqlx::raw_sql(sql).execute(connection).await;
                done.map(drop).map_err(|source| self.failed(sql, source))
            }
        }
    }

    /// Begins a transaction that writes, with a savepoint for its first change; says what the server
    /// calls it, where it can be asked. Returns when nothing goes on that must not beside it.
    pub(super) async fn begin(
        &mut self,
        company: Company,
    ) -> Result<Option<TransactionId>, StoreError> {
        self.later = Later::default();
        self.ids.clear();
        self.ahead.clear();
        self.touched = false;
        self.holds_locks = false;
        let Raw::Postgres(connection) = self.raw() else {
            let begun = self.control("BEGIN IMMEDIATE; SAVEPOINT change").await;
            return begun.map(|()| None);
        };
        // One round trip: all statements go in one message, and answers come as text.
        let sql = company.begin();
        let begun = sqlx::raw_sql(sql).fetch_all(connection).await;
        let begun = begun.and_then(|rows| {
            let last = rows.last().ok_or(sqlx::Error::RowNotFound)?;
            let number = |place: usize| {
                let text: String = last.try_get(place)?;
                Ok::<_, sqlx::Error>(text.parse().ok())
            };
            Ok((number(0)?, number(1)?))
        });
        let (alone, id) = begun.map_err(|source| self.failed(sql, source))?;
        if self.alone != alone {
            self.forget();
            self.alone = alone;
        }
        Ok(id)
    }

    /// Before a change: how many executions are about to be created by those that wait with it.
    pub(super) fn expect(&mut self, creations: usize) {
        self.creations = creations;
        self.others = self.later.len();
    }

    /// Takes back the rows that the change has left for the commit, and none of others.
    pub(super) fn take_back_later(&mut self) {
        self.later.shorten(self.others);
    }

    /// Something is about to be sent that has to be taken back with the change that runs. What was locked
    /// for others before is not to go with it.
    async fn touch(&mut self) -> Result<(), StoreError> {
        let for_others = || !self.ahead.is_empty() || self.later.has_updates_before(self.others);
        if self.holds_locks && !self.touched && for_others() {
            self.renew_savepoint().await?;
        }
        self.touched = true;
        Ok(())
    }

    /// What was done so far is not taken back with what follows.
    pub(super) async fn renew_savepoint(&mut self) -> Result<(), StoreError> {
        self.holds_locks = false;
        self.control("RELEASE change; SAVEPOINT change").await
    }

    /// Rows were locked by a statement that only reads.
    pub(super) fn note_locks(&mut self) {
        // What a change locks behind its first write is its own.
        self.holds_locks |= !self.touched;
    }

    /// Takes back what a change has written that is refused, whose rows that it has left for later are gone
    /// already.
    ///
    /// # Errors
    /// A change that wrote nothing has failed in the database, and with its savepoint go locks of others:
    /// the whole transaction has to.
    pub(super) async fn take_back(&mut self) -> Result<(), StoreError> {
        self.ahead.clear();
        self.control("ROLLBACK TO change").await?;
        if std::mem::take(&mut self.holds_locks) && self.later.has_updates() {
            return Err(StoreError::Gone {
                statement: "ROLLBACK TO change",
                missing: 1,
            });
        }
        Ok(())
    }

    /// Whether there is something to take back since this was last asked.
    pub(super) fn take_touched(&mut self) -> bool {
        std::mem::take(&mut self.touched)
    }

    /// The id of an operation whose row may come [later](Self::insert_later), so that a new execution
    /// takes no statement of its own; `None` where the database gives it with the row. Those that wait get
    /// theirs with it; ids that nobody needed are not used again.
    pub async fn operation_ahead(&mut self) -> Result<Option<i64>, StoreError> {
        if self.dialect() == Dialect::Sqlite || self.memo.is_none() {
            return Ok(None);
        }
        if self.ids.is_empty() {
            let wanted = i64::try_from(self.creations.max(1)).unwrap_or(1);
            let touched = self.touched;
            let rows = self
                .rows(
                    "SELECT nextval('operation_operation_id_seq') AS id FROM generate_series(1, $1)",
                    args![wanted],
                )
                .await?;
            // What a sequence has given out is not taken back.
            self.touched = touched;
            let ids = rows.iter().map(|row| row.get("id"));
            self.ids = ids.collect::<Result<_, _>>()?;
        }
        Ok(self.ids.pop_front())
    }

    /// Forgets what was read: it may not be so any more.
    pub(super) fn forget(&mut self) {
        self.memo = None;
    }

    /// Before a change: what it may write decides whether it may rely on what was read before it.
    pub(super) async fn enter(&mut self, company: Company) -> Result<(), StoreError> {
        if company.is_alone() {
            self.forget();
        } else {
            self.memo.get_or_insert_default();
        }
        if !company.keeps_to_itself() {
            // It may write what was read ahead.
            self.ahead.clear();
        }
        // It may read what others left for the commit.
        if company.is_alone() || (!company.keeps_to_itself() && self.later.has_updates()) {
            self.write_all().await?;
        }
        Ok(())
    }

    /// All rows of a query that reads nothing but what changes that are [`Company::Alone`] write:
    /// asked once in a transaction, or once until there is such a change, since none goes on beside it.
    pub async fn remembered(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        let Some(memo) = &self.memo else {
            return self.rows(sql, args).await;
        };
        let key = format!("{sql}\0{args:?}");
        if let Some(rows) = memo.get(&key) {
            return Ok(rows.clone());
        }
        let rows = self.rows(sql, args).await?;
        if let Some(memo) = &mut self.memo {
            if MOST_REMEMBERED <= memo.len() {
                memo.clear();
            }
            memo.insert(key, rows.clone());
        }
        Ok(rows)
    }

    /// All rows of a query.
    pub async fn rows(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        if let Connection::Reader(reader) = &mut self.connection {
            return reader.rows(sql, args).await;
        }
        if !sql.trim_start().starts_with("SELECT") {
            self.touch().await?;
        }
        let rows = match self.raw() {
            Raw::Sqlite(connection) => connection.rows(sql.clone(), args).await,
            Raw::Postgres(connection) => postgres::rows(connection, sql.clone(), args)
                .await
                .map_err(DatabaseError::from),
        };
        // A server refuses everything after a statement that failed, until it is taken back.
        self.touched |= rows.is_err();
        rows.map_err(|source| self.failed(&sql, source))
    }

    /// The first row of a query, if there is one.
    pub async fn row(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Closes a connection of its own, so that the database is complete without it.
    pub(super) async fn close(self) -> Result<(), StoreError> {
        let closed = match self.connection {
            Connection::Sqlite(connection) => connection.close(),
            Connection::Postgres(connection, _) => {
                connection.close().await.map_err(DatabaseError::from)
            }
            Connection::Reader(_) => Ok(()),
        };
        closed.map_err(|source| StoreError::statement("close", source))
    }

    fn raw(&mut self) -> Raw<'_> {
        match &mut self.connection {
            Connection::Sqlite(connection) => Raw::Sqlite(connection),
            Connection::Postgres(connection, _) => Raw::Postgres(connection),
            Connection::Reader(reader) => Raw::Postgres(reader.connection()),
        }
    }

    fn failed(&self, sql: &str, source: impl Into<DatabaseError>) -> StoreError {
        let server = match &self.connection {
            Connection::Sqlite(_) => None,
            Connection::Postgres(_, server) => Some(server),
            Connection::Reader(reader) => Some(reader.server()),
        };
        match (server, source.into()) {
            (Some(server), DatabaseError::Postgres(source)) => {
                StoreError::on_server(server, sql, source)
            }
            (_, source) => StoreError::statement(sql, source),
        }
    }
}

enum Raw<'c> {
    Sqlite(&'c mut Sqlite),
    Postgres(&'c mut PgConnection),
}
