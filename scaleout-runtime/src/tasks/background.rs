//! Work that blocks on somebody else's server, on a thread of its own: a stop does not wait for it.

use std::panic::resume_unwind;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;

use crate::cancel::{CancelToken, Canceled};

/// How often a stop is looked at.
const POLL: Duration = Duration::from_millis(50);

/// Runs `work` and waits for it, or for a stop: the work then goes on by itself until its own
/// time limit ends it, and what it gives is lost.
///
/// # Errors
/// [`Canceled`] when the stop came first.
pub(super) fn run<T: Send + 'static>(
    cancel: &CancelToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Canceled> {
    cancel.check()?;
    let (done, waiting) = crossbeam_channel::bounded(1);
    let worker = std::thread::spawn(move || {
        // Nobody waits any more after a stop.
        let _lost = done.send(work());
    });
    loop {
        match waiting.recv_timeout(POLL) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Timeout) => cancel.check()?,
            Err(RecvTimeoutError::Disconnected) => match worker.join() {
                // The task that asked crashes as the work did.
                Err(panic) => resume_unwind(panic),
                Ok(()) => unreachable!("the work sends before it ends"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_or_is_left_behind() {
        let cancel = CancelToken::new();
        assert_eq!(run(&cancel, || 5), Ok(5));

        let (release, held) = crossbeam_channel::bounded::<()>(0);
        let stopper = cancel.clone();
        let left = run(&cancel, move || {
            stopper.cancel();
            // Blocks until the test is over.
            let _ended = held.recv();
        });
        assert_eq!(left, Err(Canceled));
        drop(release);
    }
}
