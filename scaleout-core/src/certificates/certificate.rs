//! A certificate and the facts that can be read from it.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use super::error::CertificateError;
use super::pem;
use super::thumbprint::Thumbprint;

/// A certificate whose facts could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    facts: CertificateFacts,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// Subject, such as `CN=master`.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Names and addresses it is for: subject alternative names, then common names not among them.
    pub names: Vec<String>,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// Key.
    pub key: KeyKind,
    /// Signature algorithm, by its usual name or its OID.
    pub signature: String,
    /// SHA-1 thumbprint, as the original prints it.
    pub thumbprint: String,
    /// SHA-256 thumbprint.
    pub thumbprint_sha256: String,
}

/// Kind of public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KeyKind {
    /// Elliptic curve, with the bits of a coordinate.
    Ec {
        /// 256 for P-256.
        bits: usize,
    },
    /// RSA.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// Anything else, by OID.
    Other {
        /// Algorithm.
        oid: String,
    },
}

impl Certificate {
    /// Reads PEM or DER, whichever it is.
    ///
    /// # Errors
    /// It is neither.
    pub fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN") => Self::from_pem(text),
            _ => Self::from_der(bytes),
        }
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// There is none, or it is not X.509.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let block = pem::blocks(text)
            .ok_or(CertificateError::BadPem)?
            .into_iter()
            .find(|block| block.label == "CERTIFICATE")
            .ok_or(CertificateError::NoCertificate)?;
        Self::from_der(&block.bytes)
    }

    /// Reads DER.
    ///
    /// # Errors
    /// It is not X.509.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|error| CertificateError::NotX509 {
                reason: error.to_string(),
            })?;
        if !rest.is_empty() {
            return Err(CertificateError::NotX509 {
                reason: format!("{} bytes follow it", rest.len()),
            });
        }
        Ok(Self {
            facts: facts_of(der, &parsed)?,
            der: der.to_vec(),
        })
    }

    /// DER form.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// PEM form.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write("CERTIFICATE", &self.der)
    }

    /// What it says.
    #[must_use]
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// SHA-1 thumbprint, as the original prints it.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::sha1(&self.der)
    }

    /// SHA-256 thumbprint.
    #[must_use]
    pub fn thumbprint_sha256(&self) -> Thumbprint {
        Thumbprint::sha256(&self.der)
    }

    /// Whether it is within its time.
    ///
    /// # Errors
    /// Expired, or not valid yet.
    pub fn check_validity(&self, now: Timestamp) -> Result<(), CertificateError> {
        let facts = &self.facts;
        if facts.not_after < now {
            return Err(CertificateError::Expired {
                subject: facts.subject.clone(),
                thumbprint: self.thumbprint(),
                not_after: facts.not_after,
            });
        }
        if now < facts.not_before {
            return Err(CertificateError::NotYetValid {
                subject: facts.subject.clone(),
                thumbprint: self.thumbprint(),
                not_before: facts.not_before,
                now,
            });
        }
        Ok(())
    }

    /// Whether key and signature are worth trusting.
    ///
    /// # Errors
    /// A SHA-1 or MD5 signature, or an RSA key under 2048 bits.
    pub fn check_strength(&self) -> Result<(), CertificateError> {
        let facts = &self.facts;
        if facts.signature.contains("SHA-1") || facts.signature.contains("MD5") {
            return Err(CertificateError::WeakSignature {
                subject: facts.subject.clone(),
                thumbprint: self.thumbprint(),
                algorithm: facts.signature.clone(),
            });
        }
        match facts.key {
            KeyKind::Rsa { bits } if bits < 2048 => Err(CertificateError::WeakKey {
                subject: facts.subject.clone(),
                thumbprint: self.thumbprint(),
                bits,
            }),
            _ => Ok(()),
        }
    }
}

fn facts_of(
    der: &[u8],
    parsed: &X509Certificate<'_>,
) -> Result<CertificateFacts, CertificateError> {
    let moment = |time: x509_parser::time::ASN1Time| {
        Timestamp::from_second(time.timestamp()).map_err(|error| CertificateError::NotX509 {
            reason: error.to_string(),
        })
    };
    Ok(CertificateFacts {
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        names: names_of(parsed),
        not_before: moment(parsed.validity().not_before)?,
        not_after: moment(parsed.validity().not_after)?,
        key: key_of(parsed),
        signature: signature_name(&parsed.signature_algorithm.algorithm.to_id_string()),
        thumbprint: Thumbprint::sha1(der).to_string(),
        thumbprint_sha256: Thumbprint::sha256(der).to_string(),
    })
}

fn names_of(parsed: &X509Certificate<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if let Ok(Some(extension)) = parsed.subject_alternative_name() {
        for name in &extension.value.general_names {
            match name {
                GeneralName::DNSName(dns) => names.push((*dns).to_owned()),
                GeneralName::IPAddress(bytes) => names.extend(address_of(bytes)),
                _ => {}
            }
        }
    }
    // The original knows only common names, so they count as names too.
    for common in parsed.subject().iter_common_name() {
        if let Ok(text) = common.as_str()
            && !names.iter().any(|name| name.eq_ignore_ascii_case(text))
        {
            names.push(text.to_owned());
        }
    }
    names
}

fn address_of(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(IpAddr::from(sixteen).to_string())
}

fn key_of(parsed: &X509Certificate<'_>) -> KeyKind {
    match parsed.public_key().parsed() {
        Ok(PublicKey::RSA(rsa)) => KeyKind::Rsa {
            bits: rsa.key_size(),
        },
        Ok(PublicKey::EC(point)) => KeyKind::Ec {
            bits: point.key_size(),
        },
        _ => KeyKind::Other {
            oid: parsed.public_key().algorithm.algorithm.to_id_string(),
        },
    }
}

fn signature_name(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "SHA-1 with RSA",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        "1.2.840.10040.4.3" => "SHA-1 with DSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
        "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
        "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
        "1.2.840.10045.4.3.2" => "SHA-256 with ECDSA",
        "1.2.840.10045.4.3.3" => "SHA-384 with ECDSA",
        "1.2.840.10045.4.3.4" => "SHA-512 with ECDSA",
        "1.3.101.112" => "Ed25519",
        other => other,
    };
    name.to_owned()
}
