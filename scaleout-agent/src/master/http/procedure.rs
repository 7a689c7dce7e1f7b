//! `POST procedures/{name}`: calls a catalog procedure.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use scaleout_core::model::Caller;
use scaleout_core::registry::{self, Arguments, ProcedureResult};

use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn procedure(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Result<Json<ProcedureResult>, ApiError> {
    let called = registry::procedure(&name).map(|declared| declared.name);
    let limit = if matches!(called, Some("deploy_project" | "deploy_packages")) {
        body::DEPLOYMENT
    } else {
        body::ORDINARY
    };
    let arguments: Arguments = body::read(body, limit).await?;
    let result = shared.catalog().call(&caller, &name, &arguments).await?;
    if called == Some("stop_operation") {
        shared.dispatch().wake_busy_workers();
    }
    shared.note_activity();
    Ok(Json(result))
}
