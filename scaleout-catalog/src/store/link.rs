//! The write connection: lost and found again.
//!
//! A SQLite connection stays. One to a server may break: then what was under way did not
//! happen, and whoever comes next waits out a delay and connects anew. The fate of a
//! commit whose answer was lost is asked for afterwards.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::company::Company;
use super::error::StoreError;
use super::server::{Fate, Server, fate, silence};
use super::session::{Session, TransactionId};

/// Longest delay between two tries to connect.
const LONGEST: Duration = Duration::from_secs(5);
/// Tries to connect that a caller whose commit is in doubt waits for.
const TRIES_FOR_DOUBT: u32 = 5;
/// How long a server may keep silent in the middle of something before it counts as gone.
const SILENCE: Duration = Duration::from_secs(120);

/// The delay before the next try, after so many that failed.
#[must_use]
fn delay(failed: u32) -> Duration {
    match failed.checked_sub(1) {
        None => Duration::ZERO,
        Some(doublings) => LONGEST.min(Duration::from_millis(100) * (1 << doublings.min(10))),
    }
}

/// Most changes in one commit: bounds how long the first one waits for the last.
const MOST_PER_COMMIT: usize = 256;
/// The same on a server, which keeps no more than 64 savepoints of a transaction at hand.
const MOST_PER_COMMIT_ON_SERVER: usize = 48;

/// A write connection.
pub struct Link {
    state: State,
    /// What is written on it.
    company: Company,
    /// Where to connect again; `None` for SQLite.
    server: Option<Server>,
}

enum State {
    Up(Box<Session>),
    Down { failed: u32, since: Instant },
}

/// How a commit ended.
pub enum Committed {
    /// All of it is durable.
    Yes,
    /// Nothing of it happened.
    No(StoreError),
    /// Nobody can say.
    Unknown(Arc<str>),
}

impl Link {
    /// A connection that cannot break.
    pub fn sqlite(session: Session) -> Self {
        Self {
            state: State::Up(Box::new(session)),
            company: Company::Alone,
            server: None,
        }
    }

    /// A connection to a server.
    pub fn postgres(session: Session, server: Server) -> Self {
        Self {
            state: State::Up(Box::new(session)),
            company: Company::Alone,
            server: Some(server),
        }
    }

    /// A connection to a server that is made when it is needed.
    pub fn unconnected(server: Server, company: Company) -> Self {
        Self {
            state: State::Down {
                failed: 0,
                since: Instant::now(),
            },
            company,
            server: Some(server),
        }
    }

    /// Whether its statements run on the thread that asks for them.
    pub fn keeps_its_thread_busy(&self) -> bool {
        self.server.is_none()
    }

    /// Most changes in one commit.
    pub fn most_per_commit(&self) -> usize {
        match self.server {
            None => MOST_PER_COMMIT,
            Some(_) => MOST_PER_COMMIT_ON_SERVER,
        }
    }

    /// Begins a transaction; connects first where the connection broke meanwhile.
    pub async fn begin(&mut self) -> Result<Option<TransactionId>, StoreError> {
        let company = self.company;
        if let State::Up(session) = &mut self.state {
            match bounded(self.server.as_ref(), session.begin(company)).await {
                // It broke while nobody used it: nothing is lost but the connection.
                Err(error) if error.is_away() => self.lost(0),
                begun => return begun,
            }
        }
        let server = self.server.clone();
        let session = self.reach().await?;
        bounded(server.as_ref(), session.begin(company)).await
    }

    /// The session, while it is connected.
    pub fn session(&mut self) -> Result<&mut Session, StoreError> {
        match (&mut self.state, &self.server) {
            (State::Up(session), _) => Ok(session),
            (State::Down { .. }, Some(server)) => {
                Err(StoreError::away(server.name(), sqlx::Error::PoolClosed))
            }
            (State::Down { .. }, None) => Err(StoreError::Closed),
        }
    }

    /// Runs something on the session; a server that keeps silent over it is gone.
    pub async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let server = self.server.clone();
        let session = self.session()?;
        bounded(server.as_ref(), work(session)).await
    }

    /// Commits; where the answer is lost, asks the server for the fate of the transaction.
    pub async fn commit(&mut self, id: Option<TransactionId>) -> Committed {
        let done = self
            .run(async |session: &mut Session| session.control("COMMIT").await)
            .await;
        match (done, id) {
            (Ok(()), _) => Committed::Yes,
            (Err(error), Some(id)) if error.is_away() => {
                self.lost(0);
                self.ask(id, error).await
            }
            (Err(error), _) => {
                self.roll_back(&error).await;
                Committed::No(error)
            }
        }
    }

    async fn ask(&mut self, id: TransactionId, error: StoreError) -> Committed {
        for _ in 0..TRIES_FOR_DOUBT {
            let Ok(session) = self.reach().await else {
                continue;
            };
            match fate(session, id).await {
                Ok(Fate::Committed) => return Committed::Yes,
                Ok(Fate::Aborted) => return Committed::No(error),
                // The server has not noticed yet that nobody is there any more.
                Ok(Fate::Open) => sleep_until(Instant::now() + LONGEST / 5).await,
                Err(_) => self.lost(1),
            }
        }
        match &self.server {
            Some(server) => Committed::Unknown(Arc::clone(server.name())),
            None => Committed::No(error),
        }
    }

    /// Takes back what was begun; after a loss the server does it.
    pub async fn roll_back(&mut self, reason: &StoreError) {
        if reason.is_away() {
            self.lost(0);
            return;
        }
        if let State::Up(session) = &mut self.state {
            // Some of it may have been read from what is taken back now.
            session.forget();
        }
        let back = self
            .run(async |session: &mut Session| session.control("ROLLBACK").await)
            .await;
        if let Err(error) = back {
            // Fails when the database has rolled back by itself, as on a full disk.
            tracing::debug!(%error, "nothing was left to roll back");
            if error.is_away() {
                self.lost(0);
            }
        }
    }

    /// Closes the connection.
    pub async fn close(self) -> Result<(), StoreError> {
        match self.state {
            State::Up(session) => session.close().await,
            State::Down { .. } => Ok(()),
        }
    }

    fn lost(&mut self, failed: u32) {
        if failed == 0
            && let Some(server) = &self.server
        {
            tracing::warn!(server = %server.name(), "lost the connection to the catalog database");
        }
        self.state = State::Down {
            failed,
            since: Instant::now(),
        };
    }

    /// The session, connecting once if it is not connected.
    async fn reach(&mut self) -> Result<&mut Session, StoreError> {
        if let (State::Down { failed, since }, Some(server)) = (&self.state, self.server.clone()) {
            let failed = *failed;
            sleep_until(*since + delay(failed)).await;
            match bounded(Some(&server), server.connect_to_write()).await {
                Ok(session) => {
                    tracing::info!(server = %server.name(), "connected to the catalog database again");
                    self.state = State::Up(Box::new(session));
                }
                Err(error) => {
                    self.lost(failed + 1);
                    return Err(error);
                }
            }
        }
        self.session()
    }
}

/// The outcome of something, or that the server keeps silent over it. SQLite takes its time.
async fn bounded<T>(
    server: Option<&Server>,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match server {
        None => work.await,
        Some(server) => within(SILENCE, server.name(), work).await,
    }
}

async fn within<T>(
    limit: Duration,
    server: &Arc<str>,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let done = timeout(limit, work).await;
    done.unwrap_or_else(|_| Err(StoreError::away(server, silence())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_bound() {
        let delays: Vec<u128> = (0..9).map(|failed| delay(failed).as_millis()).collect();
        assert_eq!(delays, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(delay(u32::MAX), LONGEST);
    }

    #[tokio::test]
    async fn a_server_that_keeps_silent_is_gone() {
        let server: Arc<str> = "postgres://host/db".into();
        let never = std::future::pending::<Result<(), StoreError>>();
        let error = within(Duration::ZERO, &server, never).await.unwrap_err();
        assert!(error.is_away(), "{error}");
    }
}
