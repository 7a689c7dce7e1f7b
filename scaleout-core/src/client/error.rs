//! Why a call to a master failed, in words that say what to do.

use crate::certificates::CertificateError;
use crate::error::{Blame, ErrorBody, Explain};

/// Why a call to a master failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is not one of a master.
    #[error("`{address}` is not the address of a master: {reason}")]
    BadAddress {
        /// As given.
        address: String,
        /// Why.
        reason: String,
    },
    /// Nobody answers there.
    #[error("the master at `{endpoint}` cannot be reached")]
    Unreachable {
        /// Where.
        endpoint: String,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// No answer in time.
    #[error("the master at `{endpoint}` did not answer within {seconds} s")]
    TimedOut {
        /// Where.
        endpoint: String,
        /// How long we waited.
        seconds: u64,
    },
    /// The master's certificate was refused here.
    #[error("the certificate of the master at `{endpoint}` was refused")]
    MasterCertificate {
        /// Where.
        endpoint: String,
        /// Why.
        #[source]
        source: CertificateError,
    },
    /// The TLS handshake failed for another reason.
    #[error("no secure connection to the master at `{endpoint}`: {reason}")]
    Tls {
        /// Where.
        endpoint: String,
        /// In words.
        reason: String,
    },
    /// Our own certificate or key cannot be used.
    #[error("the client certificate cannot be used: {reason}")]
    Identity {
        /// Why.
        reason: String,
    },
    /// The HTTP client could not be built, or a request could not be written.
    #[error("failed to prepare the request")]
    Request(#[source] reqwest::Error),
    /// The master answered with an error.
    #[error("{}", .0.message)]
    Api(ErrorBody),
    /// What answered does not speak our protocol.
    #[error("what answers at `{endpoint}` is not a Scale Out master of this version: {reason}")]
    NotAMaster {
        /// Where.
        endpoint: String,
        /// What was odd.
        reason: String,
    },
    /// The answer came, but lacks what was promised.
    #[error("the master's answer to `{call}` lacks `{what}`")]
    Incomplete {
        /// Procedure or view.
        call: String,
        /// Output or column.
        what: String,
    },
    /// There is no such execution, or the caller may not see it.
    #[error("execution {id} does not exist or is not visible to you")]
    NoSuchExecution {
        /// As asked.
        id: i64,
    },
}

impl ClientError {
    /// The error as data, as `--output json` prints it.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        match self {
            Self::Api(body) => body.clone(),
            other => ErrorBody::from_error(other),
        }
    }
}

impl Explain for ClientError {
    fn code(&self) -> &str {
        match self {
            Self::BadAddress { .. } => "SO1101",
            Self::Unreachable { .. } => "SO1102",
            Self::TimedOut { .. } => "SO1103",
            Self::MasterCertificate { source, .. } => source.code(),
            Self::Tls { .. } => "SO1104",
            Self::Identity { .. } => "SO1105",
            Self::Request(_) => "SO1106",
            Self::Api(body) => &body.code,
            Self::NotAMaster { .. } | Self::Incomplete { .. } => "SO1107",
            Self::NoSuchExecution { .. } => "SO1108",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::BadAddress { .. } | Self::Identity { .. } => Blame::Caller,
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::MasterCertificate { .. }
            | Self::Tls { .. }
            | Self::NotAMaster { .. } => Blame::Unreachable,
            Self::Request(_) | Self::Incomplete { .. } => Blame::Server,
            Self::Api(body) => body.blame,
            Self::NoSuchExecution { .. } => Blame::Missing,
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Self::Api(body) => body.number,
            _ => None,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::BadAddress { .. } => "write it as `https://host:port`",
            Self::Unreachable { .. } => {
                "check that the master runs (`soctl up` or `soctl master run`), that host and port \
                 are right, and that no firewall stands between"
            }
            Self::TimedOut { .. } => {
                "the master is overloaded or the network drops packets; try again"
            }
            Self::MasterCertificate { source, .. } => return source.hint(),
            Self::Tls { .. } => "check that it is a Scale Out master that listens on this port",
            Self::Identity { .. } => {
                "move both files out of the data folder: the next start makes a new pair"
            }
            Self::NotAMaster { .. } => "check host and port, and the versions of both sides",
            Self::Incomplete { .. } => {
                "compare `soctl --version` with the version of the master, and update the older one"
            }
            Self::Request(_) => {
                "try again; if it fails again, report it with this message: it is a defect"
            }
            Self::Api(body) => {
                return body.hint.clone().unwrap_or_else(|| {
                    format!(
                        "look up `{}` among the error codes, and in the log of the master",
                        body.code
                    )
                });
            }
            Self::NoSuchExecution { .. } => "list those you may see with `soctl executions list`",
        };
        hint.to_owned()
    }
}
