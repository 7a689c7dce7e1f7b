//! The certificates that a master shows: one to everyone, and earlier ones to who knows only them.
//!
//! A client says which certificates it knows in the protocols it offers
//! ([`scaleout_core::tls::PIN_PREFIX`]). That is how both the old and the new certificate of a
//! master are good during the grace period of a rotation: who was away is let in by the old one, and
//! hears of the new one over that connection.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use scaleout_core::certificates::{Certificate, Thumbprint};
use scaleout_core::client::Identity;
use scaleout_core::model::Clock;
use scaleout_core::tls::{self, pinned_in};

use super::error::MasterError;

/// An earlier certificate of the master.
#[derive(Clone, Debug)]
pub struct PreviousIdentity {
    /// Certificate and key.
    pub identity: Identity,
    /// Until when it is still shown to who knows no other.
    pub until: Timestamp,
}

/// All certificates of a master, the one for everyone first.
#[derive(Debug)]
pub(crate) struct Identities {
    shown: RwLock<Vec<Shown>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Shown {
    certificate: Certificate,
    key: Arc<CertifiedKey>,
    until: Option<Timestamp>,
}

impl Identities {
    pub fn new(
        current: &Identity,
        previous: &[PreviousIdentity],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, MasterError> {
        Ok(Self {
            shown: RwLock::new(shown(current, previous)?),
            clock,
        })
    }

    /// Shows others from the next connection on.
    pub fn replace(
        &self,
        current: &Identity,
        previous: &[PreviousIdentity],
    ) -> Result<(), MasterError> {
        let shown = shown(current, previous)?;
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = shown;
        Ok(())
    }

    /// What is to be announced to workers: nothing unless an earlier certificate is still shown.
    pub fn announced(&self) -> Vec<String> {
        let now = self.clock.now();
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        let in_force = shown.iter().filter(|one| one.is_shown(now));
        let all: Vec<String> = in_force.map(|one| one.certificate.to_pem()).collect();
        if all.len() < 2 { Vec::new() } else { all }
    }

    /// The certificate for everyone.
    pub fn current(&self) -> Option<Certificate> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        shown.first().map(|one| one.certificate.clone())
    }

    /// The one that a client knows, or else the one for everyone.
    fn choose(&self, pins: &[Thumbprint], now: Timestamp) -> Option<Arc<CertifiedKey>> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        let known = |pin: &Thumbprint| {
            let mut in_force = shown.iter().filter(|one| one.is_shown(now));
            in_force.find(|one| pin.matches(one.certificate.der()))
        };
        let chosen = pins.iter().find_map(known).or_else(|| shown.first());
        chosen.map(|one| Arc::clone(&one.key))
    }
}

impl Shown {
    fn is_shown(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

fn shown(current: &Identity, previous: &[PreviousIdentity]) -> Result<Vec<Shown>, MasterError> {
    let mut all = vec![one(current, None)?];
    for earlier in previous {
        all.push(one(&earlier.identity, Some(earlier.until))?);
    }
    Ok(all)
}

fn one(identity: &Identity, until: Option<Timestamp>) -> Result<Shown, MasterError> {
    let chain = vec![CertificateDer::from(identity.certificate.der().to_vec())];
    let key = CertifiedKey::from_der(chain, identity.key.to_rustls(), &tls::provider());
    Ok(Shown {
        certificate: identity.certificate.clone(),
        key: Arc::new(key.map_err(|error| MasterError::Key {
            reason: error.to_string(),
        })?),
        until,
    })
}

impl ResolvesServerCert for Identities {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let offered = hello.alpn().into_iter().flatten();
        self.choose(&pinned_in(offered), self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::certificates::{CertificateRequest, create_self_signed};
    use scaleout_core::model::SystemClock;

    use super::*;

    fn identity() -> Identity {
        let issued = create_self_signed(&CertificateRequest {
            names: vec!["m".to_owned()],
            not_before: Timestamp::now(),
            valid_days: 1,
        })
        .unwrap();
        Identity {
            certificate: issued.certificate,
            key: issued.key,
        }
    }

    #[test]
    fn who_knows_only_the_old_certificate_gets_it_until_the_grace_is_over() {
        let (old, new) = (identity(), identity());
        let at = |second| Timestamp::from_second(second).unwrap();
        let previous = [PreviousIdentity {
            identity: old.clone(),
            until: at(100),
        }];
        let identities = Identities::new(&new, &previous, Arc::new(SystemClock)).unwrap();
        let gets = |pins: &[&Identity], now| {
            let pins: Vec<Thumbprint> = pins
                .iter()
                .map(|one| one.certificate.thumbprint_sha256())
                .collect();
            let chosen = identities.choose(&pins, at(now)).unwrap();
            chosen.cert[0].as_ref() == old.certificate.der()
        };
        assert!(gets(&[&old], 99));
        assert!(!gets(&[&old], 100), "the grace is over");
        assert!(!gets(&[], 99), "a stranger gets the new one");
        assert!(!gets(&[&new, &old], 99), "who knows both gets the new one");
        let sha1 = [old.certificate.thumbprint()];
        let by_sha1 = identities.choose(&sha1, at(99)).unwrap();
        assert_eq!(by_sha1.cert[0].as_ref(), old.certificate.der());
    }
}
