//! `POST login`: credentials for a token. `POST logout` ends it, `GET whoami` says whose it is.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use scaleout_catalog::Credentials;
use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::model::{Caller, Role};
use scaleout_core::protocol::login::{LoginReply, LoginRequest, WhoAmI};
use serde_json::{Value, json};

use super::super::guard::BearerToken;
use super::super::peer::Peer;
use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

pub(super) async fn login(
    State(shared): State<Shared>,
    Extension(peer): Extension<Peer>,
    body: Body,
) -> Result<Json<LoginReply>, ApiError> {
    let request: LoginRequest = body::read(body, body::ORDINARY).await?;
    let credentials = match (request.name, request.password) {
        (Some(name), Some(password)) => Credentials::Password { name, password },
        (None, None) => of_certificate(&shared, &peer)?,
        _ => {
            return Err(ApiError::new(
                "SO1204",
                Blame::Caller,
                "a login needs both name and password, or a client certificate and neither",
                "send `{\"name\": …, \"password\": …}`",
            ));
        }
    };
    let (address, catalog) = (peer.address.ip(), shared.catalog());
    let logged_in = catalog.log_in(credentials, request.valid_seconds, Some(address));
    match logged_in.await {
        Ok(done) => {
            tracing::info!(%address, login = done.login, "logged in");
            Ok(Json(LoginReply {
                token: done.token,
                login: done.login,
                expires: done.expires,
            }))
        }
        Err(refused) => {
            if refused.blame() == Blame::Stranger {
                tracing::warn!(%address, code = refused.code(), "refused a login");
                shared.hold_back(address).await;
            }
            Err(refused.into())
        }
    }
}

/// The certificate of the connection, whose owner the handshake has proved. It need not be in the
/// trust store, which is for workers: the catalog knows it by its thumbprint.
fn of_certificate(shared: &Shared, peer: &Peer) -> Result<Credentials, ApiError> {
    let Some(certificate) = &peer.certificate else {
        return Err(ApiError::new(
            "SO1203",
            Blame::Stranger,
            "a login needs name and password, or a client certificate, and the request has neither",
            "log in with `soctl login`",
        ));
    };
    certificate
        .check_strength()
        .and_then(|()| certificate.check_validity(shared.now()))
        .map_err(|refusal| ApiError::from_error(&refusal))?;
    Ok(Credentials::Certificate {
        thumbprint: certificate.thumbprint_sha256().as_str().to_owned(),
    })
}

pub(super) async fn logout(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Extension(BearerToken(token)): Extension<BearerToken>,
) -> Result<Json<Value>, ApiError> {
    shared.catalog().log_out(&caller, &token).await?;
    Ok(Json(json!({})))
}

pub(super) async fn whoami(Extension(caller): Extension<Caller>) -> Json<WhoAmI> {
    let roles = caller.roles.iter().filter(|role| **role != Role::Public);
    Json(WhoAmI {
        roles: roles.map(|role| role.as_str().to_owned()).collect(),
        login: caller.name,
    })
}
