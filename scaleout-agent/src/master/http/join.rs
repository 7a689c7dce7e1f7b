//! `POST join`: a machine with a token asks to become a worker.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::protocol::worker::{Join, JoinReply};

use super::super::peer::Peer;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn join(
    State(shared): State<Shared>,
    Extension(peer): Extension<Peer>,
    body: Body,
) -> Result<Json<JoinReply>, ApiError> {
    let Some(certificate) = &peer.certificate else {
        return Err(ApiError::new(
            "SO1201",
            Blame::Stranger,
            "who asks to join must show the certificate that it wants to be known by, and this \
             connection has none",
            "use `soctl worker join`",
        ));
    };
    certificate
        .check_strength()
        .and_then(|()| certificate.check_validity(shared.now()))
        .map_err(|refusal| ApiError::from_error(&refusal))?;
    let join: Join = body::read(body, body::ORDINARY).await?;
    let address = peer.address.ip();
    match shared.catalog().join(&join, certificate, address).await {
        Ok(reply) => {
            tracing::info!(%address, worker = %join.worker_agent_id, machine = join.machine_name, ?reply, "a worker asks to join");
            shared.note_activity();
            Ok(Json(reply))
        }
        Err(refused) => {
            tracing::warn!(%address, code = refused.code(), "refused a worker that asks to join");
            if refused.blame() == Blame::Stranger {
                shared.hold_back(address).await;
            }
            Err(refused.into())
        }
    }
}
