//! `POST service_log`: a worker sends the part of a log that somebody wants to read.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::protocol::logs::LogAnswer;
use serde_json::{Value, json};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn service_log(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let answer: LogAnswer = body::read(body, body::EVENTS).await?;
    shared.logs().answered(worker, answer);
    Ok(Json(json!({})))
}
