//! `POST task_heartbeat`: renews leases and learns what to stop.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::{TaskHeartbeat, TaskHeartbeatReply};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;
use super::lease::lease_length;

pub(super) async fn task_heartbeat(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<TaskHeartbeatReply>, ApiError> {
    let heartbeat: TaskHeartbeat = body::read(body, body::ORDINARY).await?;
    let until = shared.now() + lease_length(heartbeat.lease_ms);
    let reply = shared
        .catalog()
        .renew_leases(worker, &heartbeat, until)
        .await?;
    if !reply.renewed.is_empty() {
        pass(KillPoint::MasterRenewed);
    }
    Ok(Json(reply))
}
