//! A worker that is cut off ends what it runs when its leases end, by its own clock.
//!
//! From then on the master may offer the execution to somebody else, and two of one package must not
//! run at once. A lease counts from when its renewal was sent, so it ends here no later than there.
//!
//! One case is different: a master that refuses connections is not running, so it can offer nothing
//! to anybody, and it takes nothing back for a while after its start. What runs goes on then, up to
//! `HeartbeatErrorTollerance`: restarting a master costs no package its work.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use scaleout_core::client::ClientError;
use tokio::time::{Instant, sleep_until};

use super::attempts::Order;
use super::state::Shared;

/// A package is ended so long before its lease, at most, that it is gone when the lease ends.
const LONGEST_MARGIN: Duration = Duration::from_secs(1);

/// How long a lease may be relied on here, from when it was asked for.
pub(super) fn reliable(lease: Duration) -> Duration {
    lease - LONGEST_MARGIN.min(lease / 10)
}

/// How much later than it should have a lease may arrive unnoticed.
const UNNOTICED: Duration = Duration::from_secs(1);

/// When a lease ends that has arrived now. Its answer may have been on its way for long, so what the
/// master says of its end counts, by its clock as it was at the registration. A clock that was set
/// since then ends nothing early: at least a fifth of the lease is left to renew it.
pub(super) fn first_end(
    now: Instant,
    lease: Duration,
    until: Timestamp,
    clock: Option<(Instant, Timestamp)>,
) -> Instant {
    let Some((then, time)) = clock else {
        return now + lease;
    };
    let after = Duration::try_from(until.duration_since(time)).unwrap_or(Duration::ZERO);
    let end = then.checked_add(after).unwrap_or(now);
    if now + lease <= end + UNNOTICED {
        return now + lease;
    }
    end.max(now + lease / 5)
}

/// Rest between two looks while a lease has ended and the master is known not to run.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Rest while nothing is held.
const IDLE: Duration = Duration::from_secs(3600);

/// Ends attempts when their lease ends.
pub(super) async fn keep_to_leases(shared: Arc<Shared>) {
    let mut changed = shared.attempts.changed();
    loop {
        changed.mark_unchanged();
        let now = Instant::now();
        let (ended, next) = shared.attempts.ended_leases(now);
        let mut wake = next.unwrap_or(now + IDLE);
        if !ended.is_empty() && shared.master_refuses() {
            wake = wake.min(now + LOOK_AGAIN);
        } else {
            for key in ended {
                let why = "its lease ended without contact to the master".to_owned();
                if shared.attempts.order(key, &Order::HandBack(why)) {
                    let (execution_id, attempt) = (key.execution_id, key.attempt);
                    tracing::error!(
                        execution_id,
                        attempt,
                        "no contact with the master until the end of the lease; the package is ended here"
                    );
                }
            }
        }
        tokio::select! {
            () = sleep_until(wake) => {}
            _ = changed.changed() => {}
        }
    }
}

/// Whether an error says that no master runs at its address.
pub(super) fn is_refused(error: &ClientError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_gone_when_its_lease_ends() {
        let seconds = Duration::from_secs;
        assert_eq!(reliable(seconds(25)), seconds(24));
        assert_eq!(reliable(seconds(5)), Duration::from_millis(4500));
        assert_eq!(reliable(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn a_lease_that_was_long_on_its_way_ends_earlier_here() {
        let (then, time) = (Instant::now(), Timestamp::UNIX_EPOCH);
        let seconds = Duration::from_secs;
        let until = Timestamp::from_second(125).unwrap();
        let end = |at: u64| {
            let now = then + seconds(at);
            first_end(now, seconds(25), until, Some((then, time))) - then
        };
        assert_eq!(end(100), seconds(125));
        assert_eq!(end(110), seconds(125));
        // As if the master's clock had been set: a fifth is left.
        assert_eq!(end(200), seconds(205));
        assert_eq!(
            first_end(then, seconds(25), until, None),
            then + seconds(25)
        );
    }

    #[test]
    fn silence_is_no_refusal() {
        let silent = ClientError::TimedOut {
            endpoint: "m".to_owned(),
            seconds: 30,
        };
        assert!(!is_refused(&silent));
    }
}
