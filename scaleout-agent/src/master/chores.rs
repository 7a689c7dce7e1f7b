//! What a master does by itself: take back leases that ended, say that it is alive, keep house.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use scaleout_catalog::CatalogError;
use scaleout_core::kill_points::{KillPoint, pass};
use tokio::time::sleep;

use super::properties::Properties;
use super::state::Shared;

/// For how long after its start a master takes no lease back: workers could not renew while it
/// was away, and what they run is alive.
const GRACE: SignedDuration = SignedDuration::from_secs(20);
/// Shortest rest between two looks; no lease is shorter.
pub(super) const SHORTEST: Duration = Duration::from_secs(1);

/// When housekeeping that failed is tried again.
const CLEANUP_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// Takes back leases as they end, or at the latest every `DealWithExpiredTasksIntervalInMs`.
pub(super) async fn expire_leases(shared: Shared) {
    let mut leases = shared.leases();
    let mut settings = shared.settings_changed();
    let earliest = shared.now() + GRACE;
    loop {
        leases.mark_unchanged();
        let longest = longest_rest(&shared);
        let wait = match shared.catalog().next_deadline().await {
            Ok(deadline) => rest(deadline, earliest, shared.now(), longest),
            Err(error) => {
                tracing::error!("failed to read when the next lease ends: {error}");
                SHORTEST
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = new_lease(&mut leases) => continue,
            _ = settings.changed() => continue,
            () = shared.closed() => return,
        }
        if shared.now() < earliest {
            continue;
        }
        if let Err(error) = expire_once(&shared).await {
            tracing::error!("failed to take back ended leases: {error}");
        }
    }
}

/// Stops validations whose time is over, as it ends, or at the latest
/// `DealWithExpiredTasksIntervalInMs` after that.
pub(super) async fn stop_overdue(shared: Shared) {
    let mut changes = shared.catalog().changes();
    loop {
        changes.mark_unchanged();
        let longest = longest_rest(&shared);
        let now = shared.now();
        let wait = match shared.catalog().next_stop().await {
            Ok(next) => rest(next, now, now, longest),
            Err(error) => {
                tracing::error!(
                    "failed to read when the next validation is to be stopped: {error}"
                );
                SHORTEST
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = new_lease(&mut changes) => continue,
            () = shared.closed() => return,
        }
        match shared.catalog().stop_overdue().await {
            Ok(stopped) if stopped.is_empty() => {}
            Ok(stopped) => {
                tracing::warn!(
                    ?stopped,
                    "validations took longer than VALIDATION_TIMEOUT allows"
                );
                shared.dispatch().wake_busy_workers();
                shared.note_activity();
            }
            Err(error) => tracing::error!("failed to stop validations: {error}"),
        }
    }
}

pub(super) fn longest_rest(shared: &Shared) -> Duration {
    Duration::from_millis(shared.settings().deal_with_expired_tasks_interval_in_ms)
}

/// A new lease, and a moment more, so that a thousand leases cause one look.
pub(super) async fn new_lease(leases: &mut tokio::sync::watch::Receiver<u64>) {
    if leases.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    sleep(SHORTEST).await;
}

async fn expire_once(shared: &Shared) -> Result<(), CatalogError> {
    let expired = shared.catalog().expire_leases().await?;
    if !expired.is_empty() {
        pass(KillPoint::MasterExpired);
    }
    for attempt in &expired {
        shared.metrics().expired(*attempt);
        tracing::warn!(
            execution_id = attempt.execution_id,
            attempt = attempt.attempt,
            "its worker did not renew the lease; the execution is taken back"
        );
    }
    if !expired.is_empty() {
        shared.dispatch().look_again();
        shared.note_activity();
    }
    Ok(())
}

/// How long to rest before the next look.
pub(super) fn rest(
    deadline: Option<Timestamp>,
    earliest: Timestamp,
    now: Timestamp,
    longest: Duration,
) -> Duration {
    let Some(deadline) = deadline else {
        return longest;
    };
    let until_due = deadline.max(earliest).duration_since(now);
    // A millisecond more, so that the lease has ended by any rounding.
    Duration::try_from(until_due)
        .unwrap_or(Duration::ZERO)
        .saturating_add(Duration::from_millis(1))
        .min(longest)
}

/// Writes the master's properties, LAST_ONLINE_TIME above all, every `MasterHeartbeatIntervalInMs`,
/// and at once when the settings have changed.
pub(super) async fn report_online(shared: Shared, mut properties: Properties) {
    let mut settings = shared.settings_changed();
    loop {
        let every = Duration::from_millis(shared.settings().master_heartbeat_interval_in_ms);
        tokio::select! {
            () = sleep(every) => {}
            _ = settings.changed() => {}
            () = shared.closed() => return,
        }
        if let Some(certificate) = shared.identities().current() {
            properties.show(&certificate);
        }
        if let Err(error) = properties.write(&shared).await {
            tracing::error!("failed to write the master's properties: {error}");
        }
    }
}

/// Removes old logs and versions every `CleanupCompletedJobsIntervalInMs`, counted from the last
/// time that anyone did.
pub(super) async fn keep_house(shared: Shared) {
    let mut settings = shared.settings_changed();
    // With logs that are not to be removed there is no record of the last time.
    let mut own = None;
    loop {
        let every = cleanup_every(&shared);
        let wait = match shared.catalog().last_cleanup().await {
            Ok(recorded) => until_cleanup(recorded.max(own), every, shared.now()),
            Err(error) => {
                tracing::error!("failed to read when logs were last removed: {error}");
                CLEANUP_AGAIN
            }
        };
        tokio::select! {
            () = sleep(Duration::try_from(wait).unwrap_or_default()) => {}
            _ = settings.changed() => continue,
            () = shared.closed() => return,
        }
        if until_cleanup(own, every, shared.now()).is_positive() {
            continue;
        }
        let done = tokio::select! {
            done = shared.catalog().clean_up_once("master") => done,
            // What is removed is removed; the next start goes on.
            () = shared.closed() => return,
        };
        own = match done {
            // Another master is at it.
            Ok(None) => Some(shared.now() - cleanup_every(&shared) + CLEANUP_AGAIN),
            Ok(Some((logs, versions))) => {
                tracing::info!(
                    operations = logs.operations,
                    rows = logs.rows,
                    versions = versions.versions,
                    "removed what was too old"
                );
                shared.note_activity();
                Some(shared.now())
            }
            Err(error) => {
                tracing::error!("failed to remove old logs and versions: {error}");
                Some(shared.now() - every + CLEANUP_AGAIN.min(every))
            }
        };
    }
}

fn cleanup_every(shared: &Shared) -> SignedDuration {
    let milliseconds = shared.settings().cleanup_completed_jobs_interval_in_ms;
    SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

/// How long until housekeeping is due; at once when nobody has ever done it.
fn until_cleanup(last: Option<Timestamp>, every: SignedDuration, now: Timestamp) -> SignedDuration {
    let Some(last) = last else {
        return SignedDuration::ZERO;
    };
    let due = last.saturating_add(every).unwrap_or(Timestamp::MAX);
    // A clock that was set back does not put it off for longer than that.
    due.duration_since(now).clamp(SignedDuration::ZERO, every)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn housekeeping_is_due_one_interval_after_the_last_time() {
        let day = SignedDuration::from_hours(24);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let until = |last: &str, now: &str| until_cleanup(Some(at(last)), day, at(now)).as_secs();
        assert_eq!(until("2026-01-01T00:00:00Z", "2026-01-01T23:00:00Z"), 3600);
        assert_eq!(until("2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z"), 0);
        assert_eq!(
            until("2026-01-05T00:00:00Z", "2026-01-01T00:00:00Z"),
            86_400
        );
        assert_eq!(
            until_cleanup(None, day, at("2026-01-01T00:00:00Z")).as_secs(),
            0
        );
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_loop_rests_until_the_next_lease_ends() {
        let longest = Duration::from_secs(300);
        let rest_of = |deadline| rest(deadline, at(0), at(1000), longest);
        assert_eq!(rest_of(None), longest);
        assert_eq!(rest_of(Some(at(1010))), Duration::from_millis(10_001));
        assert_eq!(rest_of(Some(at(9999))), longest);
        assert_eq!(rest_of(Some(at(900))), Duration::from_millis(1));
    }

    #[test]
    fn nothing_is_taken_back_during_the_grace_after_a_start() {
        let rest = rest(Some(at(900)), at(1020), at(1000), Duration::from_secs(300));
        assert_eq!(rest, Duration::from_millis(20_001));
    }
}
