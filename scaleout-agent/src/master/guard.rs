//! Who may pass: decided before a request's body is read.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use scaleout_core::certificates::Certificate;
use scaleout_core::error::{Blame, ErrorBody};
use scaleout_core::model::Caller;
use uuid::Uuid;

use super::http::{Access, ApiError, Endpoint};
use super::peer::Peer;
use super::state::Shared;

/// The worker that sent a request, by its certificate.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkerIdentity(pub Uuid);

/// The trusted certificate that a request came with.
#[derive(Clone, Debug)]
pub(super) struct TrustedCertificate(pub Arc<Certificate>);

/// The token that a request came with.
#[derive(Clone)]
pub(super) struct BearerToken(pub String);

/// Lets a request pass, with who sent it as an extension, or answers in its stead.
pub(super) async fn guard(
    State((shared, endpoint)): State<(Shared, &'static Endpoint)>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    // Boxed: while thousands of requests wait for their answers, what admitted them is done with.
    let admitted = Box::pin(admit(&shared, endpoint.access, &peer, request)).await;
    let response = match admitted {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let status = response.status().as_u16();
    shared.metrics().answered(endpoint.path, status);
    response
}

/// The request with who sent it, or why it may not pass.
async fn admit(
    shared: &Shared,
    access: Access,
    peer: &Peer,
    mut request: Request,
) -> Result<Request, ApiError> {
    match access {
        // Who logs in says who they are in the request.
        Access::Anyone | Access::Login => {}
        Access::Certificate => {
            let (certificate, _) = trusted(shared, peer).await?;
            let certificate = Arc::clone(certificate);
            request
                .extensions_mut()
                .insert(TrustedCertificate(certificate));
        }
        Access::Worker => {
            let (_, worker) = trusted(shared, peer).await?;
            request
                .extensions_mut()
                .insert(WorkerIdentity(registered(worker)?));
        }
        Access::Person => {
            // Read out first: a request may not be shared between threads, so not held while waiting.
            let token = bearer_token(&request);
            let mut caller = person(shared, peer, token.as_deref()).await?;
            caller.address = Some(peer.address.ip());
            request.extensions_mut().insert(caller);
            request
                .extensions_mut()
                .insert(BearerToken(token.unwrap_or_default()));
        }
    }
    Ok(request)
}

/// The certificate of a request, if it is trusted, and the worker that it belongs to. A certificate
/// is trusted by the catalog or by the folder `Root`; one that was revoked is neither.
async fn trusted<'a>(
    shared: &Shared,
    peer: &'a Peer,
) -> Result<(&'a Arc<Certificate>, Option<Uuid>), ApiError> {
    let Some(certificate) = &peer.certificate else {
        return Err(ApiError::new(
            "SO1201",
            Blame::Forbidden,
            "workers must show a client certificate, and this connection has none",
            "this path is for workers, which show the certificate of their data folder; people use \
             the paths below `/catalog/`",
        ));
    };
    let refused = |error: ApiError, words: &dyn std::fmt::Display| {
        tracing::warn!(address = %peer.address, "refused a worker: {words}");
        error
    };
    let standing = match shared.catalog().certificate_standing(certificate).await {
        Ok(standing) => standing,
        Err(error) => return Err(refused(ApiError::from_error(&error), &error)),
    };
    let checked = if standing.is_trusted {
        let strong = certificate.check_strength();
        strong.and_then(|()| certificate.check_validity(shared.now()))
    } else {
        shared.check_trust(certificate)
    };
    match checked {
        Ok(()) => Ok((certificate, standing.worker)),
        Err(refusal) => Err(refused(ApiError::from_error(&refusal), &refusal)),
    }
}

fn registered(worker: Option<Uuid>) -> Result<Uuid, ApiError> {
    worker.ok_or_else(|| {
        ApiError::new(
            "SO1202",
            Blame::Forbidden,
            "no worker has registered with this certificate",
            "a running worker registers again by itself; restart it if it does not",
        )
    })
}

fn bearer_token(request: &Request) -> Option<String> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

async fn person(shared: &Shared, peer: &Peer, token: Option<&str>) -> Result<Caller, ApiError> {
    let Some(token) = token else {
        return Err(stranger("a token is needed, and the request has none"));
    };
    if let Some(caller) = shared.catalog().authenticate(token).await? {
        return Ok(caller);
    }
    tracing::warn!(address = %peer.address, "refused an unknown token");
    shared.hold_back(peer.address.ip()).await;
    Err(stranger("the token is not known"))
}

fn stranger(message: &str) -> ApiError {
    ApiError::from(ErrorBody {
        code: "SO1203".to_owned(),
        message: message.to_owned(),
        hint: Some(
            "log in with `soctl login`, or put a token into `SOCTL_TOKEN`; programs send \
             `Authorization: Bearer TOKEN`"
                .to_owned(),
        ),
        blame: Blame::Stranger,
        number: None,
    })
}
