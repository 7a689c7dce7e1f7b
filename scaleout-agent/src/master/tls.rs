//! TLS of the master's port: 1.3, or 1.2 with forward secrecy; client certificates optional.
//!
//! The handshake makes sure that a client owns the certificate it shows. Whether that
//! certificate is trusted is decided per request (`guard`), where the answer can say in words
//! what is wrong instead of an alert that no administrator understands.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use scaleout_core::certificates::Certificate;
use scaleout_core::tls::{self, HandshakeSignatures, VERSIONS};

use super::error::MasterError;
use super::identities::Identities;

/// TLS settings of the port.
pub(crate) fn server_config(identities: Arc<Identities>) -> Result<Arc<ServerConfig>, MasterError> {
    let unusable = |error: rustls::Error| MasterError::Key {
        reason: error.to_string(),
    };
    let provider = tls::provider();
    let verifier = Arc::new(OwnershipVerifier {
        signatures: HandshakeSignatures::new(Arc::clone(&provider)),
    });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&VERSIONS)
        .map_err(unusable)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(identities);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Accepts any certificate that is well-formed, if its owner signs the handshake with it.
#[derive(Debug)]
struct OwnershipVerifier {
    signatures: HandshakeSignatures,
}

impl ClientCertVerifier for OwnershipVerifier {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// No hints: with them, some clients would not even show a certificate that is missing here,
    /// and nobody could tell them why they are refused.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        match Certificate::from_der(end_entity) {
            Ok(_) => Ok(ClientCertVerified::assertion()),
            Err(error) => Err(tls::refused(error)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signatures.verify_tls12(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signatures.verify_tls13(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.schemes()
    }
}
