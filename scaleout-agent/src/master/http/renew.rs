//! `POST renew`: a worker replaces its certificate, over a connection with the one it has.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::certificates::Certificate;
use scaleout_core::protocol::worker::{Renew, Renewed};

use super::super::guard::WorkerIdentity;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn renew(
    State(shared): State<Shared>,
    Extension(WorkerIdentity(worker)): Extension<WorkerIdentity>,
    body: Body,
) -> Result<Json<Renewed>, ApiError> {
    let renew: Renew = body::read(body, body::ORDINARY).await?;
    let certificate = Certificate::from_pem(&renew.certificate)
        .and_then(|new| {
            new.check_strength()?;
            new.check_validity(shared.now())?;
            Ok(new)
        })
        .map_err(|refusal| ApiError::from_error(&refusal))?;
    let old_until = shared
        .catalog()
        .renew_certificate(worker, &certificate)
        .await?;
    tracing::info!(%worker, certificate = %certificate.thumbprint(), "a worker has a new certificate");
    Ok(Json(Renewed { old_until }))
}
