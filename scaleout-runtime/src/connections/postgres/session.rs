//! The driver's client and its connection, waited for with limits.

use std::cell::{Cell, RefCell};
use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Error, NoTls};

use crate::cancel::CancelToken;
use crate::connections::wait::{WaitError, Waiter};
use crate::connections::{ConnectionError, shortened};

/// How long the server may take over the end of a connection.
const PARTING: Duration = Duration::from_secs(1);

/// Why PostgreSQL gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    /// The driver or the server says so, or waiting was given up.
    #[error(transparent)]
    Wait(#[from] WaitError<Error>),
    /// Waiting was given up before, and the server has not answered since.
    #[error("the server has stopped answering on this connection")]
    Lost,
}

impl SessionError {
    /// The error of a statement; a stop stays one.
    pub(super) fn in_statement(self, sql: &str) -> ConnectionError {
        match self {
            Self::Wait(WaitError::Server(error)) if !is_lost(&error) => {
                ConnectionError::in_statement(sql, error)
            }
            other => other.while_doing(format!("statement `{}` failed", shortened(sql))),
        }
    }

    /// The error of something else than a statement.
    pub(super) fn while_doing(self, context: String) -> ConnectionError {
        match self {
            Self::Wait(WaitError::Canceled(canceled)) => canceled.into(),
            Self::Wait(WaitError::TimedOut(limit)) => ConnectionError::TimedOut { context, limit },
            Self::Wait(WaitError::Server(error)) if !is_lost(&error) => {
                ConnectionError::Statement {
                    context,
                    source: error.into(),
                }
            }
            Self::Wait(WaitError::Server(error)) => ConnectionError::Lost {
                context,
                source: error.into(),
            },
            Self::Lost => ConnectionError::Lost {
                context,
                source: self.into(),
            },
        }
    }
}

/// Whether the connection is gone: it is closed, the network says so, or the server ends it (classes
/// 57P, operator intervention, and 08, connection exception).
fn is_lost(error: &Error) -> bool {
    let by_network = error
        .source()
        .is_some_and(|source| source.is::<std::io::Error>());
    let by_server = error.code().is_some_and(|state| {
        let code = state.code();
        code.starts_with("57P") || code.starts_with("08")
    });
    error.is_closed() || by_network || by_server
}

/// What moves the bytes; ends with the connection.
type Driver = JoinHandle<Result<(), Error>>;

/// A session with a server.
pub(super) struct Session {
    client: Option<Client>,
    /// Moves the bytes while somebody waits; ends with the connection.
    driver: RefCell<Option<Driver>>,
    waiter: Waiter,
    is_lost: Cell<bool>,
}

impl Session {
    /// Connects and logs in, within the limit.
    pub(super) fn connect(
        config: &Config,
        limit: Option<Duration>,
        cancel: CancelToken,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build()?;
        let mut waiter = Waiter {
            runtime,
            cancel,
            limit,
        };
        let (client, connection) = match waiter.wait(config.connect(NoTls)) {
            Ok(connected) => connected,
            Err(WaitError::Server(error)) => return Err(error.into()),
            Err(WaitError::Canceled(canceled)) => return Err(canceled.into()),
            Err(other) => return Err(other.into()),
        };
        let driver = waiter.runtime.spawn(connection);
        waiter.limit = None;
        Ok(Self {
            client: Some(client),
            driver: RefCell::new(Some(driver)),
            waiter,
            is_lost: Cell::new(false),
        })
    }

    /// The client; its futures go into [`Self::wait`].
    pub(super) fn client(&self) -> &Client {
        self.client
            .as_ref()
            .expect("the client goes with the session")
    }

    /// Asked at every safe point.
    pub(super) fn cancel(&self) -> &CancelToken {
        &self.waiter.cancel
    }

    /// Limits how long the server may be silent.
    pub(super) fn set_limit(&mut self, limit: Option<Duration>) {
        self.waiter.limit = limit;
    }

    /// Waits for an answer.
    pub(super) fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, SessionError> {
        self.wait_noting(&Cell::new(0), answer)
    }

    /// Waits for an answer in parts, whose number is in `progress`.
    pub(super) fn wait_noting<T>(
        &self,
        progress: &Cell<usize>,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, SessionError> {
        if self.is_lost.get() {
            return Err(SessionError::Lost);
        }
        let token = self.client().cancel_token();
        // Where asking fails, the answer does not come either.
        let stop = || async move { drop(token.cancel_query(NoTls).await) };
        let waited = self.waiter.wait_stoppable(progress, answer, stop);
        waited.map_err(|(error, answers)| {
            self.is_lost.set(!answers);
            match error {
                WaitError::Server(error) if error.is_closed() => {
                    WaitError::Server(self.last_words().unwrap_or(error))
                }
                other => other,
            }
            .into()
        })
    }

    /// Waits a moment for the end of the connection.
    fn parted(&self, driver: Driver) -> Option<Result<(), Error>> {
        let ended = self
            .waiter
            .runtime
            .block_on(async { timeout(PARTING, driver).await });
        ended.ok()?.ok()
    }

    /// What the server said when it closed the connection.
    fn last_words(&self) -> Option<Error> {
        let driver = self.driver.borrow_mut().take()?;
        let ended = self.parted(driver);
        ended?.err()
    }
}

impl Drop for Session {
    /// Says good-bye, which the driver does once the client is gone.
    fn drop(&mut self) {
        drop(self.client.take());
        if let Some(driver) = self.driver.get_mut().take()
            && !self.is_lost.get()
        {
            // A server that does not take it will find out by itself.
            let _ = self.parted(driver);
        }
    }
}
