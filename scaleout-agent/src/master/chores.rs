//! What a master does by itself: take back leases that ended, and say that it is alive.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use scaleout_catalog::CatalogError;
use tokio::time::sleep;

use super::properties::Properties;
use super::state::Shared;

/// For how long after its start a master takes no lease back: workers could not renew while it
/// was away, and what they run is alive.
const GRACE: SignedDuration = SignedDuration::from_secs(20);
/// Shortest rest between two looks; no lease is shorter.
const SHORTEST: Duration = Duration::from_secs(1);

/// Takes back leases as they end, or at the latest every `longest`.
pub(super) async fn expire_leases(shared: Shared, longest: Duration) {
    let mut leases = shared.leases();
    let earliest = shared.now() + GRACE;
    loop {
        leases.mark_unchanged();
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

/// A new lease, and a moment more, so that a thousand leases cause one look.
async fn new_lease(leases: &mut tokio::sync::watch::Receiver<u64>) {
    if leases.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    sleep(SHORTEST).await;
}

async fn expire_once(shared: &Shared) -> Result<(), CatalogError> {
    let expired = shared.catalog().expire_leases().await?;
    for attempt in &expired {
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
fn rest(
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

/// Writes the master's properties, LAST_ONLINE_TIME above all, every `every`.
pub(super) async fn report_online(shared: Shared, properties: Properties, every: Duration) {
    loop {
        tokio::select! {
            () = sleep(every) => {}
            () = shared.closed() => return,
        }
        if let Err(error) = properties.write(&shared).await {
            tracing::error!("failed to write the master's properties: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
