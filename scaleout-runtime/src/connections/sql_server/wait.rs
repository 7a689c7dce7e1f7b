//! Waiting for the server: blocking, but with an eye on the stop of the package and on limits.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::cancel::{CancelToken, Canceled};

/// How often the cancel token is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Why waiting ended without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WaitError {
    /// The driver or the server says so.
    #[error(transparent)]
    Server(#[from] tiberius::error::Error),
    /// Too long.
    #[error("no answer within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// The package is being stopped.
    #[error(transparent)]
    Canceled(#[from] Canceled),
}

/// What waiting needs.
pub(super) struct Waiter {
    pub(super) runtime: Runtime,
    pub(super) cancel: CancelToken,
    pub(super) limit: Option<Duration>,
}

impl Waiter {
    /// Waits for the answer.
    pub(super) fn wait<T>(
        &self,
        answer: impl Future<Output = tiberius::Result<T>>,
    ) -> Result<T, WaitError> {
        self.runtime.block_on(async {
            let mut answer = pin!(answer);
            let mut waited = Duration::ZERO;
            loop {
                if let Ok(answered) = timeout(LOOK, answer.as_mut()).await {
                    return answered.map_err(WaitError::from);
                }
                self.cancel.check()?;
                waited += LOOK;
                if let Some(limit) = self.limit
                    && limit <= waited
                {
                    return Err(WaitError::TimedOut(limit));
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiter(limit: Option<Duration>) -> Waiter {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        Waiter {
            runtime: builder.enable_all().build().unwrap(),
            cancel: CancelToken::new(),
            limit,
        }
    }

    #[test]
    fn an_answer_comes_through() {
        let answered = waiter(None).wait(async { Ok(7) });
        assert_eq!(answered.unwrap(), 7);
    }

    #[test]
    fn a_stop_ends_waiting() {
        let waiter = waiter(None);
        waiter.cancel.cancel();
        let never = std::future::pending::<tiberius::Result<()>>();
        assert!(matches!(waiter.wait(never), Err(WaitError::Canceled(_))));
    }

    #[test]
    fn a_limit_ends_waiting() {
        let never = std::future::pending::<tiberius::Result<()>>();
        let waited = waiter(Some(LOOK)).wait(never);
        assert!(matches!(waited, Err(WaitError::TimedOut(_))));
    }
}
