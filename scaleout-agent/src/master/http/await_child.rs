//! `POST await_child`: waits for the end of a child package.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::protocol::child::{AwaitChild, AwaitChildReply};
use tokio::time::{Instant, timeout_at};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

/// Longest wait of one request.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) async fn await_child(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<AwaitChildReply>, ApiError> {
    let wanted: AwaitChild = body::read(body, body::ORDINARY).await?;
    let end = Instant::now() + Duration::from_millis(wanted.wait_ms).min(LONGEST_WAIT);
    // Subscribed before the look, so that the ending cannot be missed.
    let mut endings = shared.catalog().endings();
    loop {
        endings.mark_unchanged();
        let ended = shared
            .catalog()
            .child_end(worker, wanted.attempt, wanted.execution_id)
            .await?;
        if ended.is_some() {
            return Ok(Json(AwaitChildReply { ended }));
        }
        let changed = tokio::select! {
            changed = timeout_at(end, endings.changed()) => matches!(changed, Ok(Ok(()))),
            () = shared.closed() => false,
        };
        if !changed {
            return Ok(Json(AwaitChildReply { ended: None }));
        }
    }
}
