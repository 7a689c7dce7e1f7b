//! What a master does by itself for its queue: end drains at their deadline, and note why things wait.

use std::time::Duration;

use tokio::time::sleep;

use super::chores::{SHORTEST, longest_rest, new_lease, rest};
use super::state::Shared;

/// How often it is looked at why executions wait, after something has changed.
const NOTE_EVERY: Duration = Duration::from_secs(5);
/// The same while nothing changes but the time.
const NOTE_AT_LEAST: Duration = Duration::from_secs(30);

/// Wakes drained workers at their deadline, so that they hear at once what to hand back.
pub(super) async fn end_drains(shared: Shared) {
    let mut changes = shared.catalog().changes();
    loop {
        changes.mark_unchanged();
        let (now, longest) = (shared.now(), longest_rest(&shared));
        let wait = match shared.catalog().next_drain_end().await {
            // One whose deadline has passed is told again until it has nothing left.
            Ok(next) => rest(next, now, now, longest).max(SHORTEST),
            Err(error) => {
                tracing::error!("failed to read when the next drain ends: {error}");
                SHORTEST
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = new_lease(&mut changes) => continue,
            () = shared.closed() => return,
        }
        shared.dispatch().wake_busy_workers();
    }
}

/// Notes why executions wait, for the view `waiting_executions`.
pub(super) async fn note_waiting(shared: Shared) {
    let mut activity = shared.activity();
    loop {
        activity.mark_unchanged();
        match shared.catalog().note_waiting_reasons().await {
            Ok(0) => {}
            Ok(_) => shared.note_activity(),
            Err(error) => tracing::error!("failed to note why executions wait: {error}"),
        }
        // Its own note moves it too: not before the rest is over, and then nothing has changed.
        tokio::select! {
            () = sleep(NOTE_EVERY) => {}
            () = shared.closed() => return,
        }
        tokio::select! {
            () = sleep(NOTE_AT_LEAST) => {}
            _ = activity.changed() => {}
            () = shared.closed() => return,
        }
    }
}
