//! `POST hand_back`: a worker that drains or stops gives attempts back.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::{HandBack, HandBackReply};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn hand_back(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<HandBackReply>, ApiError> {
    let given: HandBack = body::read(body, body::ORDINARY).await?;
    let reply = shared.catalog().hand_back(worker, &given).await?;
    for key in &reply.taken {
        shared.metrics().handed_back(*key);
    }
    if !reply.taken.is_empty() {
        pass(KillPoint::MasterTookBack);
        tracing::info!(%worker, taken = reply.taken.len(), "a worker handed executions back");
        shared.dispatch().look_again();
        shared.note_activity();
    }
    Ok(Json(reply))
}
