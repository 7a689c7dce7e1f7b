//! A certificate as people and scripts see it.

use jiff::Timestamp;
use scaleout_core::certificates::{Certificate, CertificateFacts, Expiry, KeyKind};
use serde::Serialize;

use crate::output::Cell;

/// What is shown of a certificate.
#[derive(Debug, Serialize)]
pub struct ShownCertificate {
    /// Its facts.
    #[serde(flatten)]
    pub facts: CertificateFacts,
    /// Whole days left.
    pub days_left: i64,
    /// Why it would be refused; empty if it would not.
    pub problem: Option<String>,
}

impl ShownCertificate {
    /// Of a certificate, now.
    #[must_use]
    pub fn of(certificate: &Certificate, now: Timestamp) -> Self {
        let problem = certificate
            .check_strength()
            .and_then(|()| certificate.check_validity(now));
        Self {
            facts: certificate.facts().clone(),
            days_left: Expiry::at(certificate.facts().not_after, now).days_left(),
            problem: problem.err().map(|error| error.to_string()),
        }
    }
}

/// The end of a certificate, coloured by how near it is.
#[must_use]
pub fn expiry_cell(not_after: Timestamp, now: Timestamp) -> Cell {
    let expiry = Expiry::at(not_after, now);
    Cell::State {
        text: expiry.words(),
        good: match expiry {
            Expiry::Fine { .. } => None,
            Expiry::Soon { .. } | Expiry::Expired { .. } => Some(false),
        },
    }
}

/// The key in words.
#[must_use]
pub fn key_words(key: &KeyKind) -> String {
    match key {
        KeyKind::Ec { bits } => format!("elliptic curve, {bits} bits"),
        KeyKind::Rsa { bits } => format!("RSA, {bits} bits"),
        KeyKind::Other { oid } => format!("of algorithm {oid}"),
    }
}
