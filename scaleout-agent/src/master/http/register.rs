//! `POST register`: a worker says who it is; its certificate proves it ever after.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_core::error::Blame;
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::PROTOCOL_VERSION;
use scaleout_core::protocol::worker::{Register, Registered};

use super::super::guard::TrustedCertificate;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

/// Oldest protocol version still spoken here.
const OLDEST: u32 = 1;

pub(super) async fn register(
    State(shared): State<Shared>,
    Extension(TrustedCertificate(certificate)): Extension<TrustedCertificate>,
    body: Body,
) -> Result<Json<Registered>, ApiError> {
    let registration: Register = body::read(body, body::ORDINARY).await?;
    let version = registration.protocol_version.min(PROTOCOL_VERSION);
    if version < OLDEST {
        return Err(ApiError::new(
            "SO1206",
            Blame::Conflict,
            &format!(
                "the worker speaks protocol {}, but this master speaks {OLDEST} to {PROTOCOL_VERSION}",
                registration.protocol_version
            ),
            "upgrade the worker",
        ));
    }
    let thumbprint = certificate.thumbprint_sha256();
    let standing = shared
        .catalog()
        .register_worker(&registration, thumbprint.as_str())
        .await?;
    shared
        .catalog()
        .note_certificate(standing.worker, &certificate)
        .await?;
    pass(KillPoint::MasterRegistered);
    tracing::info!(
        worker = %standing.worker,
        machine = registration.machine_name,
        enabled = standing.enabled,
        "worker registered"
    );
    shared.dispatch().look_again();
    shared.note_activity();
    Ok(Json(Registered {
        protocol_version: version,
        enabled: standing.enabled,
        master_time: shared.now(),
        master_certificates: shared.identities().announced(),
    }))
}
