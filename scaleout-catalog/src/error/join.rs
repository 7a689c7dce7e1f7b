//! Why a worker is not let in, and what is wrong with its certificates.

use jiff::Timestamp;
use scaleout_core::certificates::CertificateError;
use scaleout_core::error::{Blame, Explain};
use uuid::Uuid;

/// Why a worker is not let in, and what is wrong with its certificates.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No such token, or one that has ended.
    #[error("the token to join with is not known, or its time is over")]
    TokenUnknown,
    /// A token that another machine has used.
    #[error("the token to join with was used already, by another worker")]
    TokenUsed,
    /// No such request.
    #[error("there is no request {id} of a worker to join")]
    RequestMissing {
        /// As given.
        id: i64,
    },
    /// Somebody has decided.
    #[error("the request {id} of a worker to join is {state} already")]
    RequestDecided {
        /// As given.
        id: i64,
        /// How it was decided.
        state: &'static str,
    },
    /// An administrator has said no.
    #[error("an administrator has refused to let this worker join")]
    Rejected,
    /// The certificate was revoked.
    #[error(
        "the certificate {thumbprint} is no longer good since {since}: it was revoked or replaced"
    )]
    Revoked {
        /// SHA-256 thumbprint.
        thumbprint: String,
        /// When.
        since: Timestamp,
    },
    /// Neither certificate nor thumbprint, or both and they differ.
    #[error("either a certificate or a thumbprint has to be given")]
    NothingToTrust,
    /// No such certificate.
    #[error("{}", .0)]
    Certificate(#[from] CertificateError),
    /// It runs something.
    #[error("the worker {worker} runs {running} executions")]
    WorkerBusy {
        /// Which.
        worker: Uuid,
        /// How many.
        running: usize,
    },
}

impl Explain for JoinError {
    fn code(&self) -> &str {
        match self {
            Self::TokenUnknown => "SO7180",
            Self::TokenUsed => "SO7181",
            Self::RequestMissing { .. } => "SO7182",
            Self::RequestDecided { .. } => "SO7183",
            Self::Rejected => "SO7184",
            Self::Revoked { .. } => "SO7185",
            Self::NothingToTrust => "SO7186",
            Self::Certificate(error) => error.code(),
            Self::WorkerBusy { .. } => "SO7187",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::TokenUnknown | Self::TokenUsed => Blame::Stranger,
            Self::RequestMissing { .. } => Blame::Missing,
            Self::RequestDecided { .. } | Self::WorkerBusy { .. } => Blame::Conflict,
            Self::Rejected | Self::Revoked { .. } => Blame::Forbidden,
            Self::NothingToTrust => Blame::Caller,
            Self::Certificate(error) => error.blame(),
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::TokenUnknown | Self::TokenUsed => {
                "ask for a new one: `soctl workers token create` makes it, for one worker and an hour"
            }
            Self::RequestMissing { .. } => "`soctl workers requests` shows all of them",
            Self::RequestDecided { .. } => {
                "the worker asks again with a new token if it was refused"
            }
            Self::Rejected => "ask the administrator of the master for the reason",
            Self::Revoked { .. } => {
                "give the worker a new certificate: remove its own, set it up again with \
                 `soctl worker init`, and let it in again"
            }
            Self::NothingToTrust => "give `@certificate` or `@thumbprint`",
            Self::Certificate(error) => return error.hint(),
            Self::WorkerBusy { .. } => {
                "wait until they have ended, or add `--force`: then they are offered to other workers"
            }
        };
        hint.to_owned()
    }
}
