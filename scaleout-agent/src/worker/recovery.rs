//! What an earlier run of this worker left on disk.

use std::sync::Arc;

use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::AttemptKey;
use tokio::time::Instant;

use super::error::WorkerError;
use super::shipper::ship;
use super::spool::{Spool, left_behind};
use super::state::Shared;

/// The spools of attempts that have no end: their executors died with the worker.
pub(super) type Remains = Vec<(AttemptKey, Spool)>;

/// Takes up every spool again. A finished attempt is reported as if nothing had happened. Those
/// without an end are given back: their log is to be shipped before this worker registers,
/// because the master takes back then what a worker no longer runs, as lost, not failed.
pub(super) fn take_up(shared: &Arc<Shared>) -> Result<Remains, WorkerError> {
    let mut remains = Vec::new();
    let failed = |source| WorkerError::Data {
        path: shared.spools.path().to_owned(),
        source,
    };
    for key in left_behind(&shared.spools).map_err(failed)? {
        let spool = match Spool::recover(&shared.spools, key) {
            Ok(spool) => spool,
            Err(error) => {
                // One damaged file must not keep the worker from starting.
                let (execution_id, attempt) = (key.execution_id, key.attempt);
                tracing::error!(execution_id, attempt, "a spool cannot be read: {error}");
                continue;
            }
        };
        if spool.progress().borrow().outcome.is_some() {
            pass(KillPoint::WorkerEndTakenUp);
            report_end(shared, key, spool);
        } else {
            remains.push((key, spool));
        }
    }
    Ok(remains)
}

fn report_end(shared: &Arc<Shared>, key: AttemptKey, spool: Spool) {
    let Some(listener) = shared.attempts.add(key, Instant::now()) else {
        return;
    };
    shared.attempts.nothing_runs(key);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        shared.until_registered().await;
        ship(&shared, key, &spool, listener.orders).await;
        shared.attempts.remove(key);
    });
}
