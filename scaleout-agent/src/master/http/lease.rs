//! `POST lease`: a worker asks for work; the answer is held back until there is some.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use jiff::SignedDuration;
use scaleout_core::protocol::worker::{LeaseReply, LeaseRequest};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

/// Longest wait of one request.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) async fn lease(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<LeaseReply>, ApiError> {
    let request: LeaseRequest = body::read(body, body::ORDINARY).await?;
    let wait = Duration::from_millis(request.wait_ms).min(LONGEST_WAIT);
    let mut reply = shared
        .dispatch()
        .ask(
            worker,
            (request.slots, request.child_slots),
            lease_length(request.lease_ms),
            wait,
        )
        .await;
    reply.logs_wanted = shared.logs().take(worker);
    Ok(Json(reply))
}

/// A lease of one second to one day, whatever was asked for.
pub(super) fn lease_length(milliseconds: u64) -> SignedDuration {
    let bounded = milliseconds.clamp(1000, 86_400_000);
    SignedDuration::from_millis(i64::try_from(bounded).unwrap_or(i64::MAX))
}
