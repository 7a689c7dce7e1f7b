//! `POST log`: events of an attempt; answered when they are durable.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::{LogBatch, LogReply};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn log(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<LogReply>, ApiError> {
    let batch: LogBatch = body::read(body, body::EVENTS).await?;
    let reply = shared.catalog().append_events(worker, &batch).await?;
    pass(KillPoint::MasterLogged);
    shared.note_activity();
    Ok(Json(reply))
}
