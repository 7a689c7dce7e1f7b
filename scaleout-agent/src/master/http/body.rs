//! Reading a request's body: bounded in size and time.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;
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

/// Bytes beyond the limit that are still taken, and thrown away, so that the sender hears why.
const DROPPED_AT_MOST: usize = 16 << 20;

/// How much of a body is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    bytes: usize,
    time: Duration,
}

/// Reads a JSON body.
pub(super) async fn read<T: DeserializeOwned>(body: Body, limit: Limit) -> Result<T, ApiError> {
    let bytes = match tokio::time::timeout(limit.time, whole(body, limit.bytes)).await {
        Ok(read) => read?,
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

/// All bytes of a body that has at most so many.
async fn whole(body: Body, most: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    let mut dropped = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk
            .map_err(|error| refused(&format!("the request broke off while it came: {error}")))?;
        if dropped == 0 && bytes.len() + chunk.len() <= most {
            bytes.extend_from_slice(&chunk);
            continue;
        }
        // A connection that closes on a sender who still sends loses the answer too.
        dropped += chunk.len();
        if DROPPED_AT_MOST < dropped {
            break;
        }
    }
    if 0 < dropped {
        return Err(refused(&format!("the request is longer than {most} bytes")));
    }
    Ok(bytes)
}

fn refused(message: &str) -> ApiError {
    ApiError::new(
        "SO1204",
        Blame::Caller,
        message,
        "compare the versions of both sides",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of so many chunks of 1 MiB.
    fn body(chunks: usize) -> Body {
        let chunk = || Ok::<_, std::io::Error>(vec![b'1'; 1 << 20]);
        Body::from_stream(futures_util::stream::iter(
            (0..chunks).map(move |_| chunk()),
        ))
    }

    #[tokio::test]
    async fn a_body_has_at_most_so_many_bytes() {
        assert_eq!(whole(body(4), 4 << 20).await.unwrap().len(), 4 << 20);
        for chunks in [5, 40] {
            let error = whole(body(chunks), 4 << 20).await.unwrap_err();
            assert!(format!("{error:?}").contains("longer than 4194304 bytes"));
        }
        let broken = Body::from_stream(futures_util::stream::iter([
            Ok(vec![b'1']),
            Err(std::io::Error::other("reset")),
        ]));
        let error = whole(broken, 4 << 20).await.unwrap_err();
        assert!(format!("{error:?}").contains("broke off"));
    }
}
