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

/// The end of a handshake because of a certificate, with our reason inside.
pub fn refused(reason: impl Error + Send + Sync + 'static) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(reason))))
}
