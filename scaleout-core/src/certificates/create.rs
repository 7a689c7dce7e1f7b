//! New self-signed certificates: P-256, SHA-256, names and addresses in the SAN.

use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};

use super::certificate::Certificate;
use super::error::CertificateError;
use super::key::PrivateKey;

/// Longest validity in days: a hundred years.
const MOST_DAYS: u32 = 36_500;

/// What the new certificate shall say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Names and addresses, the first of which becomes the subject.
    pub names: Vec<String>,
    /// When validity starts. A caller that wants to bear small clock differences passes an
    /// earlier time.
    pub not_before: Timestamp,
    /// Days of validity, from `not_before`.
    pub valid_days: u32,
}

/// A new certificate with its key.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    /// The public part.
    pub certificate: Certificate,
    /// The private part.
    pub key: PrivateKey,
}

/// Makes a self-signed certificate. The key comes from the system's random source.
///
/// # Errors
/// No names, a name that cannot stand in a certificate, or days out of range.
pub fn create_self_signed(
    request: &CertificateRequest,
) -> Result<IssuedCertificate, CertificateError> {
    let params = parameters(request)?;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(not_made)?;
    let certificate = params.self_signed(&key).map_err(not_made)?;
    Ok(IssuedCertificate {
        certificate: Certificate::from_der(certificate.der())?,
        key: PrivateKey::pkcs8(key.serialize_der()),
    })
}

fn parameters(request: &CertificateRequest) -> Result<CertificateParams, CertificateError> {
    let first = request.names.first().ok_or(CertificateError::NoNames)?;
    for name in &request.names {
        check_name(name)?;
    }
    if !(1..=MOST_DAYS).contains(&request.valid_days) {
        return Err(CertificateError::BadValidity {
            days: request.valid_days,
        });
    }
    let mut params = CertificateParams::new(request.names.clone()).map_err(not_made)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, first);
    // The same certificate serves and calls: a worker shows it as a client, a master as a server.
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let seconds = u64::try_from(request.not_before.as_second()).unwrap_or(0);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(seconds);
    params.not_after =
        epoch + Duration::from_secs(seconds + u64::from(request.valid_days) * 86_400);
    Ok(params)
}

fn check_name(name: &str) -> Result<(), CertificateError> {
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.len() > 253 {
        "it is longer than 253 characters"
    } else if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        "only visible ASCII characters are allowed"
    } else if name.contains(['/', '@', '\\']) {
        "it is not a host name or address"
    } else {
        return Ok(());
    };
    Err(CertificateError::BadName {
        name: name.to_owned(),
        reason: reason.to_owned(),
    })
}

fn not_made(error: rcgen::Error) -> CertificateError {
    CertificateError::NotMade {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::certificate::KeyKind;
    use super::*;

    fn request(names: &[&str]) -> CertificateRequest {
        CertificateRequest {
            names: names.iter().map(ToString::to_string).collect(),
            not_before: "2024-03-01T00:00:00Z".parse().unwrap(),
            valid_days: 10,
        }
    }

    #[test]
    fn a_new_certificate_says_what_was_asked() {
        let issued = create_self_signed(&request(&["master.local", "127.0.0.1", "::1"])).unwrap();
        let facts = issued.certificate.facts();
        assert_eq!(facts.subject, "CN=master.local");
        assert_eq!(facts.names, ["master.local", "127.0.0.1", "::1"]);
        assert_eq!(facts.key, KeyKind::Ec { bits: 256 });
        assert_eq!(facts.signature, "SHA-256 with ECDSA");
        assert_eq!(facts.not_before.to_string(), "2024-03-01T00:00:00Z");
        assert_eq!(facts.not_after.to_string(), "2024-03-11T00:00:00Z");
        assert_eq!(facts.thumbprint.len(), 40);
        issued.certificate.check_strength().unwrap();
    }

    #[test]
    fn a_certificate_reads_back_from_pem_and_der() {
        let issued = create_self_signed(&request(&["m"])).unwrap();
        let pem = issued.certificate.to_pem();
        assert_eq!(
            Certificate::read(pem.as_bytes()).unwrap(),
            issued.certificate
        );
        assert_eq!(
            Certificate::read(issued.certificate.der()).unwrap(),
            issued.certificate
        );
        assert_eq!(
            PrivateKey::from_pem(&issued.key.to_pem()).unwrap(),
            issued.key
        );
    }

    #[test]
    fn validity_is_judged_by_the_time_given() {
        let issued = create_self_signed(&request(&["m"])).unwrap();
        let check = |time: &str| issued.certificate.check_validity(time.parse().unwrap());
        assert_eq!(check("2024-03-05T00:00:00Z"), Ok(()));
        let expired = check("2024-03-12T00:00:00Z").unwrap_err();
        assert!(expired.to_string().contains("expired on 2024-03-11"));
        let early = check("2024-02-28T00:00:00Z").unwrap_err();
        assert!(early.to_string().contains("not valid before 2024-03-01"));
    }

    #[test]
    fn requests_that_make_no_sense_are_refused() {
        assert_eq!(
            create_self_signed(&request(&[])).unwrap_err(),
            CertificateError::NoNames
        );
        for name in ["", "a b", "https://x", "grün"] {
            assert!(
                matches!(
                    create_self_signed(&request(&[name])),
                    Err(CertificateError::BadName { .. })
                ),
                "{name}"
            );
        }
        for days in [0, MOST_DAYS + 1] {
            let wanted = CertificateRequest {
                valid_days: days,
                ..request(&["m"])
            };
            assert!(matches!(
                create_self_signed(&wanted),
                Err(CertificateError::BadValidity { .. })
            ));
        }
    }

    #[test]
    fn bytes_that_are_no_certificate_are_refused() {
        let whole = create_self_signed(&request(&["m"])).unwrap();
        let der = whole.certificate.der();
        for length in 0..der.len() {
            assert!(Certificate::from_der(&der[..length]).is_err());
        }
        let mut longer = der.to_vec();
        longer.push(0);
        assert!(Certificate::from_der(&longer).is_err());
    }
}
