//! Waiting for a server: blocking, but with an eye on the stop of the package and on limits.

use std::cell::Cell;
use std::error::Error;
use std::future::{Future, ready};
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::cancel::{CancelToken, Canceled};

/// How often the cancel token is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How long a server that was asked to stop may take to say that it has.
const GRACE: Duration = Duration::from_millis(500);

/// Why waiting ended without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WaitError<E: Error + 'static> {
    /// The driver or the server says so.
    #[error(transparent)]
    Server(#[from] E),
    /// Too long.
    #[error("no answer within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// The package is being stopped.
    #[error(transparent)]
    Canceled(Canceled),
}

/// What waiting needs.
pub(super) struct Waiter {
    pub(super) runtime: Runtime,
    pub(super) cancel: CancelToken,
    /// How long the server may be silent.
    pub(super) limit: Option<Duration>,
}

impl Waiter {
    /// Waits for the answer.
    pub(super) fn wait<T, E: Error + 'static>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, WaitError<E>> {
        let stopped = || ready(());
        let waited = self.wait_noting(&Cell::new(0), answer, stopped, Duration::ZERO);
        waited.map_err(|(error, _)| error)
    }

    /// Waits for an answer that comes in parts, whose number the future keeps in `progress`: a server
    /// that goes on sending or taking is not silent.
    ///
    /// When waiting is given up, `stop` asks the server to stop. The error says, too, whether it has
    /// answered within half a second: whether the connection is in order.
    pub(super) fn wait_stoppable<T, E: Error + 'static, S: Future<Output = ()>>(
        &self,
        progress: &Cell<usize>,
        answer: impl Future<Output = Result<T, E>>,
        stop: impl FnOnce() -> S,
    ) -> Result<T, (WaitError<E>, bool)> {
        self.wait_noting(progress, answer, stop, GRACE)
    }

    fn wait_noting<T, E: Error + 'static, S: Future<Output = ()>>(
        &self,
        progress: &Cell<usize>,
        answer: impl Future<Output = Result<T, E>>,
        stop: impl FnOnce() -> S,
        grace: Duration,
    ) -> Result<T, (WaitError<E>, bool)> {
        self.runtime.block_on(async {
            let mut answer = pin!(answer);
            let mut silence = Silence::new(self.limit, progress.get());
            let given_up = loop {
                if let Ok(answered) = timeout(LOOK, answer.as_mut()).await {
                    return answered.map_err(|error| (WaitError::Server(error), true));
                }
                if let Err(canceled) = self.cancel.check() {
                    break WaitError::Canceled(canceled);
                }
                if let Some(limit) = silence.lasts(progress.get()) {
                    break WaitError::TimedOut(limit);
                }
            };
            // Both within the grace: asking takes a connection of its own.
            let stopped = timeout(grace, async {
                stop().await;
                answer.await
            });
            let answers = stopped.await.is_ok();
            Err((given_up, answers))
        })
    }
}

/// How long a server has been silent, by the looks taken at it.
struct Silence {
    limit: Option<Duration>,
    so_far: Duration,
    progress: usize,
}

impl Silence {
    fn new(limit: Option<Duration>, progress: usize) -> Self {
        Self {
            limit,
            so_far: Duration::ZERO,
            progress,
        }
    }

    /// One look later; gives the limit that is reached.
    fn lasts(&mut self, progress: usize) -> Option<Duration> {
        self.so_far += LOOK;
        if self.progress != progress {
            self.progress = progress;
            self.so_far = Duration::ZERO;
        }
        self.limit.filter(|limit| *limit <= self.so_far)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

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
        let answered = waiter(None).wait(async { io::Result::Ok(7) });
        assert_eq!(answered.unwrap(), 7);
    }

    #[test]
    fn a_stop_ends_waiting() {
        let waiter = waiter(None);
        waiter.cancel.cancel();
        let never = std::future::pending::<io::Result<()>>();
        assert!(matches!(waiter.wait(never), Err(WaitError::Canceled(_))));
    }

    #[test]
    fn a_limit_ends_waiting() {
        let never = std::future::pending::<io::Result<()>>();
        let waited = waiter(Some(LOOK)).wait(never);
        assert!(matches!(waited, Err(WaitError::TimedOut(_))));
    }
    #[test]
    fn a_server_that_goes_on_is_not_silent() {
        let mut silence = Silence::new(Some(2 * LOOK), 7);
        assert_eq!(silence.lasts(7), None);
        assert_eq!(silence.lasts(8), None);
        assert_eq!(silence.lasts(8), None);
        assert_eq!(silence.lasts(8), Some(2 * LOOK));
        assert_eq!(Silence::new(None, 0).lasts(0), None);
    }

    #[test]
    fn a_server_that_stops_when_asked_is_in_order_and_another_is_not() {
        for asked in [true, false] {
            let (tell, told) = tokio::sync::oneshot::channel();
            let answer = async {
                if told.await.is_err() {
                    std::future::pending::<()>().await;
                }
                io::Result::Ok(())
            };
            let stop = || async move {
                if asked {
                    let _ = tell.send(());
                } else {
                    drop(tell);
                }
            };
            let waited = waiter(Some(LOOK)).wait_stoppable(&Cell::new(0), answer, stop);
            assert!(matches!(waited, Err((WaitError::TimedOut(_), order)) if order == asked));
        }
    }
}
