//! `POST complete`: an attempt is over.

use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::{Complete, CompleteReply};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn complete(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<CompleteReply>, ApiError> {
    let complete: Complete = body::read(body, body::ORDINARY).await?;
    let reply = shared.catalog().complete(worker, &complete).await?;
    if reply == CompleteReply::Accepted {
        pass(KillPoint::MasterCompleted);
        let (key, outcome) = (complete.attempt, &complete.outcome);
        shared.metrics().ended(key, outcome, Instant::now());
        // A slot is free now, and a failure may wait for its retry.
        shared.dispatch().look_again();
        shared.note_activity();
    }
    Ok(Json(reply))
}
