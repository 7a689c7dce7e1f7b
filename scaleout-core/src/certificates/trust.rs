//! Whom one side trusts: certificates pinned by their bytes, within their time, strong enough.
//!
//! There is no chain building: like the original's `Root` store with self-signed
//! certificates, a certificate is trusted because an administrator put it there.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;

use super::certificate::Certificate;
use super::error::CertificateError;
use super::thumbprint::Thumbprint;

/// Pinned certificates, by SHA-256.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    pinned: BTreeMap<Thumbprint, Certificate>,
}

impl TrustStore {
    /// A store that trusts nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Pins a certificate. An expired one may be pinned; it is refused when it is shown.
    ///
    /// # Errors
    /// Its signature or key is too weak to be trusted.
    pub fn add(&mut self, certificate: Certificate) -> Result<(), CertificateError> {
        certificate.check_strength()?;
        self.pinned
            .insert(certificate.thumbprint_sha256(), certificate);
        Ok(())
    }

    /// Takes a certificate out, named by either thumbprint.
    pub fn remove(&mut self, thumbprint: &Thumbprint) -> Option<Certificate> {
        let key = self
            .pinned
            .iter()
            .find(|(_, certificate)| thumbprint.matches(certificate.der()))
            .map(|(key, _)| key.clone())?;
        self.pinned.remove(&key)
    }

    /// All pinned certificates.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.pinned.values()
    }

    /// Judges a certificate that the other side has shown (and proved to own).
    ///
    /// # Errors
    /// Not pinned, out of its time, or too weak.
    pub fn check(&self, shown: &Certificate, now: Timestamp) -> Result<(), CertificateError> {
        if !self.pinned.contains_key(&shown.thumbprint_sha256()) {
            return Err(CertificateError::NotTrusted {
                subject: shown.facts().subject.clone(),
                thumbprint: shown.thumbprint(),
            });
        }
        shown.check_strength()?;
        shown.check_validity(now)
    }
}

/// Whether the host of an address is one of the certificate's names.
///
/// Names compare without regard to case; `*.example.org` covers one label; addresses compare
/// as addresses, so `::1` and `0:0:0:0:0:0:0:1` are the same.
///
/// # Errors
/// It is not; the error lists the names that are.
pub fn check_host(certificate: &Certificate, host: &str) -> Result<(), CertificateError> {
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.');
    let names = &certificate.facts().names;
    if names.iter().any(|name| covers(name, bare)) {
        return Ok(());
    }
    Err(CertificateError::WrongHost {
        host: bare.to_owned(),
        names: if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        },
    })
}

fn covers(name: &str, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return name.parse::<IpAddr>().is_ok_and(|named| named == address);
    }
    if let Some(parent) = name.strip_prefix("*.") {
        return host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent));
    }
    name.trim_end_matches('.').eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::super::create::{CertificateRequest, create_self_signed};
    use super::*;

    fn certificate(names: &[&str]) -> Certificate {
        create_self_signed(&CertificateRequest {
            names: names.iter().map(ToString::to_string).collect(),
            not_before: "2024-03-01T00:00:00Z".parse().unwrap(),
            valid_days: 10,
        })
        .unwrap()
        .certificate
    }

    fn during() -> Timestamp {
        "2024-03-05T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn only_the_pinned_certificate_is_trusted() {
        let pinned = certificate(&["w1"]);
        let same_names = certificate(&["w1"]);
        let mut store = TrustStore::new();
        store.add(pinned.clone()).unwrap();
        assert_eq!(store.check(&pinned, during()), Ok(()));
        assert!(matches!(
            store.check(&same_names, during()),
            Err(CertificateError::NotTrusted { .. })
        ));
        assert!(store.remove(&pinned.thumbprint()).is_some());
        assert!(store.check(&pinned, during()).is_err());
        assert!(store.remove(&pinned.thumbprint()).is_none());
    }

    /// Made with `openssl req -x509 -newkey rsa:BITS -sha1|-sha256`, their keys thrown away.
    #[test]
    fn weak_keys_and_signatures_are_never_trusted() {
        let read = |pem: &str| Certificate::from_pem(pem).unwrap();
        let mut store = TrustStore::new();
        let weak_key = store.add(read(include_str!("fixtures/weak_key.pem")));
        assert!(matches!(
            weak_key,
            Err(CertificateError::WeakKey { bits: 1024, .. })
        ));
        let weak_signature = store.add(read(include_str!("fixtures/weak_sig.pem")));
        let error = weak_signature.unwrap_err().to_string();
        assert!(error.contains("SHA-1 with RSA"), "{error}");
        store
            .add(read(include_str!("fixtures/good_rsa.pem")))
            .unwrap();
        assert_eq!(store.certificates().count(), 1);
    }

    #[test]
    fn a_pinned_certificate_still_expires() {
        let pinned = certificate(&["w1"]);
        let mut store = TrustStore::new();
        store.add(pinned.clone()).unwrap();
        let after = "2025-01-01T00:00:00Z".parse().unwrap();
        assert!(matches!(
            store.check(&pinned, after),
            Err(CertificateError::Expired { .. })
        ));
    }

    #[test]
    fn hosts_match_names_and_addresses() {
        let shown = certificate(&["Master.local", "*.farm.example", "127.0.0.1", "::1"]);
        for host in [
            "master.LOCAL",
            "master.local.",
            "a.farm.example",
            "127.0.0.1",
            "[::1]",
            "0:0:0:0:0:0:0:1",
        ] {
            assert_eq!(check_host(&shown, host), Ok(()), "{host}");
        }
        for host in [
            "master",
            "farm.example",
            "a.b.farm.example",
            "127.0.0.2",
            "",
        ] {
            let error = check_host(&shown, host).unwrap_err();
            assert!(error.to_string().contains("Master.local"), "{error}");
        }
    }
}
