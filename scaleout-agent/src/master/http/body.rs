//! Reading a request's body: bounded in size and time.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use scaleout_core::error::Blame;
use serde::de::DeserializeOwned;

use super::answer::ApiError;

/// Most bytes of an ordinary request.
pub(super) const ORDINARY: Limit = Limit {
    bytes: 4 << 20,
    time: Duration::from_secs(30),
};

/// A batch of events.
pub(super) const EVENTS: Limit = Limit {
    bytes: 64 << 20,
    time: Duration::from_secs(120),
};

/// A deployment: a project of 512 MiB, in base64 within JSON.
pub(super) const DEPLOYMENT: Limit = Limit {
    bytes: 684 << 20,
    time: Duration::from_secs(1800),
};

/// How much of a body is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    bytes: usize,
    time: Duration,
}

/// Reads a JSON body.
pub(super) async fn read<T: DeserializeOwned>(body: Body, limit: Limit) -> Result<T, ApiError> {
    let bytes = match tokio::time::timeout(limit.time, to_bytes(body, limit.bytes)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => {
            let message = format!(
                "the request could not be read, or is longer than {} bytes: {error}",
                limit.bytes
            );
            return Err(refused(&message));
        }
        Err(_) => {
            let seconds = limit.time.as_secs();
            return Err(refused(&format!(
                "the request took longer than {seconds} s to arrive"
            )));
        }
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        // Where and what kind only: the text may hold a secret.
        refused(&format!(
            "the request is not the JSON expected here: {:?} error in line {}, column {}",
            error.classify(),
            error.line(),
            error.column()
        ))
    })
}

fn refused(message: &str) -> ApiError {
    ApiError::new(
        "SO1204",
        Blame::Caller,
        message,
        "compare the versions of both sides",
    )
}
