//! What can be wrong with a certificate, each with the facts that an administrator needs.

use jiff::Timestamp;

use super::thumbprint::Thumbprint;
use crate::error::{Blame, Explain};

/// Why a certificate or key was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Text without a whole PEM block.
    #[error("the PEM text is damaged: a block is not closed or not base64")]
    BadPem,
    /// A file without a certificate.
    #[error("there is no certificate in it")]
    NoCertificate,
    /// A file without a private key.
    #[error("there is no private key in it")]
    NoKey,
    /// A key that needs a password.
    #[error("the private key is encrypted")]
    EncryptedKey,
    /// Bytes that are not X.509.
    #[error("the certificate is not valid X.509: {reason}")]
    NotX509 {
        /// What the parser said.
        reason: String,
    },
    /// Text that is not 40 or 64 hex digits.
    #[error("`{text}` is not a thumbprint")]
    NotAThumbprint {
        /// As given, shortened.
        text: String,
    },
    /// A name that cannot stand in a certificate.
    #[error("`{name}` cannot be a name in a certificate: {reason}")]
    BadName {
        /// As given.
        name: String,
        /// Why.
        reason: String,
    },
    /// No name at all.
    #[error("a certificate needs at least one name or address")]
    NoNames,
    /// Days outside 1 to 36,500.
    #[error("a certificate cannot be valid for {days} days")]
    BadValidity {
        /// As asked.
        days: u32,
    },
    /// Key or certificate could not be made.
    #[error("failed to make the certificate: {reason}")]
    NotMade {
        /// What the library said.
        reason: String,
    },
    /// Time is over.
    #[error("certificate `{subject}` ({thumbprint}) expired on {not_after}")]
    Expired {
        /// Subject.
        subject: String,
        /// SHA-1 of it.
        thumbprint: Thumbprint,
        /// Its last moment.
        not_after: Timestamp,
    },
    /// Time has not come.
    #[error("certificate `{subject}` ({thumbprint}) is not valid before {not_before}; it is {now}")]
    NotYetValid {
        /// Subject.
        subject: String,
        /// SHA-1 of it.
        thumbprint: Thumbprint,
        /// Its first moment.
        not_before: Timestamp,
        /// The clock here.
        now: Timestamp,
    },
    /// Signed in a way that can be forged.
    #[error(
        "certificate `{subject}` ({thumbprint}) is signed with {algorithm}, which can be forged"
    )]
    WeakSignature {
        /// Subject.
        subject: String,
        /// SHA-1 of it.
        thumbprint: Thumbprint,
        /// The algorithm.
        algorithm: String,
    },
    /// A key that can be broken.
    #[error(
        "certificate `{subject}` ({thumbprint}) has a {bits}-bit RSA key; 2048 bits are the least"
    )]
    WeakKey {
        /// Subject.
        subject: String,
        /// SHA-1 of it.
        thumbprint: Thumbprint,
        /// Key length.
        bits: usize,
    },
    /// Not pinned here.
    #[error("certificate `{subject}` ({thumbprint}) is not in the trust store")]
    NotTrusted {
        /// Subject.
        subject: String,
        /// SHA-1 of it.
        thumbprint: Thumbprint,
    },
    /// Another certificate than the one pinned.
    #[error("the certificate shown has thumbprint {shown}, but {expected} is expected")]
    WrongThumbprint {
        /// SHA-1 (or SHA-256, as pinned) of what was shown.
        shown: Thumbprint,
        /// What was pinned.
        expected: Thumbprint,
    },
    /// The host is none of the certificate's names.
    #[error("`{host}` is not a name in the certificate; its names are {names}")]
    WrongHost {
        /// Host asked for.
        host: String,
        /// Names in the certificate.
        names: String,
    },
}

impl Explain for CertificateError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadPem | Self::NoCertificate | Self::NoKey | Self::NotX509 { .. } => "SO1001",
            Self::EncryptedKey => "SO1002",
            Self::NotAThumbprint { .. } => "SO1003",
            Self::BadName { .. } | Self::NoNames | Self::BadValidity { .. } => "SO1004",
            Self::NotMade { .. } => "SO1005",
            Self::Expired { .. } | Self::NotYetValid { .. } => "SO1006",
            Self::WeakSignature { .. } | Self::WeakKey { .. } => "SO1007",
            Self::NotTrusted { .. } => "SO1008",
            Self::WrongThumbprint { .. } => "SO1009",
            Self::WrongHost { .. } => "SO1010",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NotMade { .. } => Blame::Server,
            Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::WeakSignature { .. }
            | Self::WeakKey { .. }
            | Self::NotTrusted { .. }
            | Self::WrongThumbprint { .. }
            | Self::WrongHost { .. } => Blame::Forbidden,
            Self::BadPem
            | Self::NoCertificate
            | Self::NoKey
            | Self::EncryptedKey
            | Self::NotX509 { .. }
            | Self::NotAThumbprint { .. }
            | Self::BadName { .. }
            | Self::NoNames
            | Self::BadValidity { .. } => Blame::Caller,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::BadPem | Self::NoCertificate | Self::NotX509 { .. } => {
                "give a `.cer`, `.crt` or `.pem` file that holds an X.509 certificate"
            }
            Self::NoKey => "give the PEM file that holds the private key",
            Self::EncryptedKey => {
                "store the key without a password (`openssl pkcs8 -topk8 -nocrypt`) with mode 0600"
            }
            Self::NotAThumbprint { .. } => {
                "a thumbprint is 40 (SHA-1) or 64 (SHA-256) hex digits, as master and worker print theirs when they are ready"
            }
            Self::BadName { .. } | Self::NoNames => {
                "name hosts by DNS name or IP address, as the other side will call them"
            }
            Self::BadValidity { .. } => "choose 1 to 36500 days",
            Self::NotMade { .. } => {
                "try again; if it fails again, report it with this message: the system may have no randomness to give"
            }
            Self::Expired { .. } => {
                "replace it: `soctl cert rotate master` for the master's; a worker's is made anew with \
                 `soctl worker init` after `WorkerHttpsCertThumbprint` was cleared, and let in with \
                 `soctl workers add`"
            }
            Self::NotYetValid { .. } => {
                "compare the clocks of both machines, and let both follow a time server: \
                 `timedatectl set-ntp true`"
            }
            Self::WeakSignature { .. } | Self::WeakKey { .. } => {
                "use one with an elliptic curve or 2048-bit RSA key and SHA-256, such as master and worker \
                 make when their data folder has none"
            }
            Self::NotTrusted { .. } => {
                "if it is genuine, show it to the side that refused it: `soctl workers add NAME --cert FILE` \
                 for a worker's, `soctl worker init --master-cert FILE` for the master's"
            }
            Self::WrongThumbprint { .. } => {
                "if the certificate was replaced on purpose, give the new one (`soctl worker init --master-cert FILE`, \
                 `SOCTL_THUMBPRINT` for `soctl`); otherwise something stands between you and the master"
            }
            Self::WrongHost { .. } => {
                "use one of those names in the address, or make a certificate that has this name"
            }
        };
        hint.to_owned()
    }
}
