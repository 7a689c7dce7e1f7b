//! `POST call_job`: a package that a worker runs starts or stops a job.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::protocol::job::{CallJob, JobOutcome};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn call_job(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<JobOutcome>, ApiError> {
    let wanted: CallJob = body::read(body, body::ORDINARY).await?;
    let outcome = shared.catalog().call_job(worker, &wanted).await?;
    shared.note_activity();
    Ok(Json(outcome))
}
