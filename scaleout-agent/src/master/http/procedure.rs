//! `POST procedures/{name}`: calls a catalog procedure.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::model::Caller;
use scaleout_core::registry::{self, Arguments, ProcedureResult};

use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

/// Procedures that workers are to hear of, or to be heard from, without waiting for their next beat.
const HEARD_AT_ONCE: [&str; 3] = [
    "create_execution_dump",
    "dm_execution_performance_counters",
    "stop_operation",
];

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
    if called == Some("start_execution") {
        pass(KillPoint::MasterStarted);
    }
    if called.is_some_and(|name| HEARD_AT_ONCE.contains(&name)) {
        shared.dispatch().wake_busy_workers();
    }
    shared.note_activity();
    Ok(Json(result))
}
