//! Certificates of masters and workers: made, read, named, judged.
//!
//! Deliberately absent: files and stores (the caller's I/O), TLS itself (feature
//! `client` and the agent), and any clock: whoever judges passes `now`.

mod certificate;
mod create;
mod error;
mod expiry;
mod key;
mod pem;
mod thumbprint;
mod trust;

pub use certificate::{Certificate, CertificateFacts, KeyKind};
pub use create::{CertificateRequest, IssuedCertificate, create_self_signed};
pub use error::CertificateError;
pub use expiry::{Expiry, WARNED_DAYS, renewal_due};
pub use key::PrivateKey;
pub use thumbprint::Thumbprint;
pub use trust::{TrustStore, check_host};
