//! `GET projects/{hash}`: a project's `.ispac`, for workers.

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use scaleout_core::error::Blame;

use super::super::state::Shared;
use super::answer::ApiError;

pub(super) async fn project(
    State(shared): State<Shared>,
    Path(hash): Path<String>,
) -> Result<Response, ApiError> {
    match shared.catalog().project_file(&hash).await? {
        Some(file) => Ok(([(CONTENT_TYPE, "application/octet-stream")], file).into_response()),
        None => Err(ApiError::new(
            "SO1207",
            Blame::Missing,
            "the catalog has no project with this content hash",
            "it was removed since the execution was created; deploy it and start a new execution",
        )),
    }
}
