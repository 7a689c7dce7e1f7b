//! Errors as HTTP answers: status from the blame, body as every client expects it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use scaleout_catalog::CatalogError;
use scaleout_core::error::{Blame, ErrorBody, Explain};

/// When to ask again, in seconds, where this master can do nothing now.
const RETRY_AFTER: &str = "5";

/// An error on its way to the client. Boxed, since nearly every answer is none.
#[derive(Debug)]
pub(crate) struct ApiError(Box<ErrorBody>);

impl ApiError {
    pub fn new(code: &str, blame: Blame, message: &str, hint: &str) -> Self {
        Self(Box::new(ErrorBody {
            code: code.to_owned(),
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
            blame,
            number: None,
        }))
    }

    pub fn from_error(error: &(impl Explain + 'static)) -> Self {
        Self(Box::new(ErrorBody::from_error(error)))
    }
}

impl From<ErrorBody> for ApiError {
    fn from(body: ErrorBody) -> Self {
        Self(Box::new(body))
    }
}

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        Self::from_error(&error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = *self.0;
        if body.blame == Blame::Server {
            tracing::error!(code = body.code, "a request failed: {}", body.message);
        }
        let status = StatusCode::from_u16(body.blame.http_status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let stranger = body.blame == Blame::Stranger;
        let later = body.blame == Blame::Unreachable;
        let mut response = (status, Json(body)).into_response();
        if stranger {
            let challenge = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        if later {
            let wait = HeaderValue::from_static(RETRY_AFTER);
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_come_back_is_told_when() {
        let answer = |blame| ApiError::new("SO9114", blame, "busy", "later").into_response();
        let busy = answer(Blame::Unreachable);
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(busy.headers()[header::RETRY_AFTER], "5");
        let wrong = answer(Blame::Caller);
        assert!(!wrong.headers().contains_key(header::RETRY_AFTER));
    }
}
