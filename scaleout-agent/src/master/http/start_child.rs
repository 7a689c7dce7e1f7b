//! `POST start_child`: a package that a worker runs asks for a child package.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::protocol::child::{ChildStarted, StartChild};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn start_child(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<ChildStarted>, ApiError> {
    // Variables may hold long texts.
    let start: StartChild = body::read(body, body::EVENTS).await?;
    let started = shared.catalog().start_child(worker, &start).await?;
    shared.note_activity();
    Ok(Json(started))
}
