//! TLS as both ends of a connection speak it: 1.3, or 1.2 with forward secrecy.
//!
//! Whom an end trusts is its own matter. That the other end owns the certificate it shows is
//! checked here, by the signature of the handshake.

use std::error::Error;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use rustls::{SupportedProtocolVersion, version};

use crate::certificates::Thumbprint;

/// Versions, best first.
pub static VERSIONS: [&SupportedProtocolVersion; 2] = [&version::TLS13, &version::TLS12];

/// The cryptography. Each of its cipher suites has forward secrecy, those of TLS 1.2 included.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Checks of the signature that proves that the other end owns its certificate.
#[derive(Clone, Debug)]
pub struct HandshakeSignatures {
    provider: Arc<CryptoProvider>,
}

impl HandshakeSignatures {
    /// Checks with this cryptography.
    #[must_use]
    pub fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider }
    }

    /// Checks a signature of TLS 1.2.
    ///
    /// # Errors
    /// The signature was not made with the key of the certificate.
    pub fn verify_tls12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    /// Checks a signature of TLS 1.3.
    ///
    /// # Errors
    /// The signature was not made with the key of the certificate.
    pub fn verify_tls13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    /// Kinds of signatures that can be checked.
    #[must_use]
    pub fn schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// What a client puts before the thumbprint of each certificate it knows of the other end, among
/// the protocols that it offers.
pub const PIN_PREFIX: &str = "scaleout-pin/";

/// Most pins that one end offers or looks at.
const MOST_PINS: usize = 4;

/// Protocols to offer that say which certificates of the other end are known.
#[must_use]
pub fn offered_pins(pins: &[Thumbprint]) -> Vec<Vec<u8>> {
    let pins = pins.iter().take(MOST_PINS);
    pins.map(|pin| format!("{PIN_PREFIX}{pin}").into_bytes())
        .collect()
}

/// The certificates that the other end says it knows, by the protocols that it offers.
pub fn pinned_in<'a>(offered: impl IntoIterator<Item = &'a [u8]>) -> Vec<Thumbprint> {
    let texts = offered
        .into_iter()
        .filter_map(|name| str::from_utf8(name).ok());
    let pins = texts.filter_map(|text| text.strip_prefix(PIN_PREFIX)?.parse().ok());
    pins.take(MOST_PINS).collect()
}

/// The end of a handshake because of a certificate, with our reason inside.
pub fn refused(reason: impl Error + Send + Sync + 'static) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(reason))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_understood_and_nothing_else() {
        let pins = [Thumbprint::sha1(b"a"), Thumbprint::sha256(b"b")];
        let mut offered = offered_pins(&pins);
        offered.insert(0, b"http/1.1".to_vec());
        offered.push(b"scaleout-pin/xyz".to_vec());
        offered.push(vec![0xFF]);
        assert_eq!(pinned_in(offered.iter().map(Vec::as_slice)), pins);
        let many = vec![Thumbprint::sha1(b"a"); 9];
        assert_eq!(offered_pins(&many).len(), MOST_PINS);
    }
}
