//! TLS towards a master: its certificate is pinned, in its time, and named as it was called.

use std::error::Error;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::error::ClientError;
use crate::certificates::{Certificate, CertificateError, PrivateKey, Thumbprint, check_host};
use crate::tls::{self, HandshakeSignatures, VERSIONS};

/// Which certificate is the master's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MasterTrust {
    /// The one with this thumbprint.
    Thumbprint(Thumbprint),
    /// This one.
    Certificate(Box<Certificate>),
    /// Any of these; the one that is to be shown if the master has several comes first.
    Certificates(Vec<Certificate>),
}

impl MasterTrust {
    /// The thumbprints of what is pinned, the preferred one first.
    fn pins(&self) -> Vec<Thumbprint> {
        match self {
            Self::Thumbprint(one) => vec![one.clone()],
            Self::Certificate(one) => vec![one.thumbprint_sha256()],
            Self::Certificates(all) => all.iter().map(Certificate::thumbprint_sha256).collect(),
        }
    }

    /// Whether `shown` is the pinned certificate.
    fn check(&self, shown: &Certificate) -> Result<(), CertificateError> {
        let (expected, found) = match self {
            Self::Thumbprint(expected) => {
                if expected.matches(shown.der()) {
                    return Ok(());
                }
                let found = if expected.as_str().len() == 40 {
                    shown.thumbprint()
                } else {
                    shown.thumbprint_sha256()
                };
                (expected.clone(), found)
            }
            Self::Certificate(pinned) => {
                if pinned.der() == shown.der() {
                    return Ok(());
                }
                (pinned.thumbprint(), shown.thumbprint())
            }
            Self::Certificates(pinned) => {
                if pinned.iter().any(|one| one.der() == shown.der()) {
                    return Ok(());
                }
                let Some(first) = pinned.first() else {
                    return Err(CertificateError::NotTrusted {
                        subject: shown.facts().subject.clone(),
                        thumbprint: shown.thumbprint(),
                    });
                };
                (first.thumbprint(), shown.thumbprint())
            }
        };
        Err(CertificateError::WrongThumbprint {
            shown: found,
            expected,
        })
    }
}

/// The certificate and key that a worker shows.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Public part.
    pub certificate: Certificate,
    /// Private part.
    pub key: PrivateKey,
}

impl Identity {
    /// Whether certificate and key belong together and can be used for TLS.
    ///
    /// # Errors
    /// They do not, or cannot.
    pub fn check(&self) -> Result<(), ClientError> {
        let chain = vec![CertificateDer::from(self.certificate.der().to_vec())];
        let key = self.key.to_rustls();
        match rustls::sign::CertifiedKey::from_der(chain, key, &tls::provider()) {
            Ok(_) => Ok(()),
            Err(error) => Err(ClientError::Identity {
                reason: error.to_string(),
            }),
        }
    }
}

/// TLS settings towards a master: 1.3, or 1.2 with forward secrecy.
///
/// # Errors
/// Certificate and key of `identity` do not belong together or cannot be used.
pub fn client_config(
    trust: &MasterTrust,
    identity: Option<&Identity>,
) -> Result<ClientConfig, ClientError> {
    let unusable = |error: rustls::Error| ClientError::Identity {
        reason: error.to_string(),
    };
    let provider = tls::provider();
    let verifier = Arc::new(MasterVerifier {
        trust: trust.clone(),
        signatures: HandshakeSignatures::new(Arc::clone(&provider)),
    });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&VERSIONS)
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(
                vec![CertificateDer::from(identity.certificate.der().to_vec())],
                identity.key.to_rustls(),
            )
            .map_err(unusable)?,
    };
    // One request per connection at a time: a connection that hangs is then dropped with its
    // request, where a shared HTTP/2 connection would take every later request along.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A master that has just got a new certificate shows the old one to who knows only that.
    config
        .alpn_protocols
        .extend(tls::offered_pins(&trust.pins()));
    Ok(config)
}

/// Trusts the pinned certificate and no other.
#[derive(Debug)]
struct MasterVerifier {
    trust: MasterTrust,
    signatures: HandshakeSignatures,
}

impl MasterVerifier {
    fn judge(&self, shown: &[u8], host: &str, now: UnixTime) -> Result<(), CertificateError> {
        let shown = Certificate::from_der(shown)?;
        self.trust.check(&shown)?;
        shown.check_strength()?;
        shown.check_validity(timestamp(now))?;
        check_host(&shown, host)
    }
}

impl ServerCertVerifier for MasterVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.judge(end_entity, &server_name.to_str(), now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(refusal) => Err(tls::refused(refusal)),
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

/// The time that rustls hands to verifiers, as ours. Far-future clocks count as the end of time.
fn timestamp(now: UnixTime) -> Timestamp {
    i64::try_from(now.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Turns a failed request into our words; the TLS cause sits deep in the chain of sources.
pub(super) fn explain(endpoint: &str, seconds: u64, error: reqwest::Error) -> ClientError {
    if let Some(cause) = rustls_cause(&error) {
        return tls_words(endpoint, &cause);
    }
    let endpoint = endpoint.to_owned();
    if error.is_timeout() {
        return ClientError::TimedOut { endpoint, seconds };
    }
    if error.is_builder() {
        return ClientError::Request(error);
    }
    ClientError::Unreachable {
        endpoint,
        source: error.without_url(),
    }
}

fn rustls_cause(error: &reqwest::Error) -> Option<rustls::Error> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<rustls::Error>() {
            return Some(found.clone());
        }
        // An `io::Error` hides what it wraps from `source()`.
        if let Some(wrapped) = current.downcast_ref::<io::Error>().and_then(io_cause) {
            return Some(wrapped);
        }
        next = current.source();
    }
    None
}

fn io_cause(error: &io::Error) -> Option<rustls::Error> {
    let mut inner = error.get_ref()?;
    loop {
        if let Some(found) = inner.downcast_ref::<rustls::Error>() {
            return Some(found.clone());
        }
        inner = inner.downcast_ref::<io::Error>()?.get_ref()?;
    }
}

fn tls_words(endpoint: &str, cause: &rustls::Error) -> ClientError {
    let endpoint = endpoint.to_owned();
    if let rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) = cause
        && let Some(refusal) = other.0.downcast_ref::<CertificateError>()
    {
        return ClientError::MasterCertificate {
            endpoint,
            source: refusal.clone(),
        };
    }
    let reason = match cause {
        rustls::Error::InvalidMessage(_) => "what listens there does not speak TLS".to_owned(),
        rustls::Error::PeerIncompatible(what) => {
            format!("both sides have no common TLS version or cipher ({what:?})")
        }
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            "both sides have no common TLS version or cipher".to_owned()
        }
        rustls::Error::AlertReceived(alert) => {
            format!("it refused our certificate or handshake (alert {alert:?})")
        }
        other => other.to_string(),
    };
    ClientError::Tls { endpoint, reason }
}
