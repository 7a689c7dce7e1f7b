//! `POST heartbeat`: a worker is alive.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::protocol::worker::{Heartbeat, HeartbeatReply};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn heartbeat(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<HeartbeatReply>, ApiError> {
    let heartbeat: Heartbeat = body::read(body, body::ORDINARY).await?;
    let standing = shared
        .catalog()
        .record_heartbeat(worker, &heartbeat)
        .await?;
    Ok(Json(HeartbeatReply {
        enabled: standing.enabled,
        master_certificates: shared.identities().announced(),
        renew_certificate: shared.catalog().is_to_renew(worker).await?,
        logs_wanted: shared.logs().take(worker),
    }))
}
