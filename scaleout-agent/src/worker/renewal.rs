//! A worker renews its certificate by itself: at two thirds of its life, or when it is told to.

use jiff::{SignedDuration, Timestamp};
use scaleout_core::certificates::{
    Certificate, CertificateRequest, create_self_signed, renewal_due,
};
use scaleout_core::client::Identity;
use scaleout_core::error::{Explain as _, with_sources};
use scaleout_core::protocol::worker::Renew;

use super::error::WorkerError;
use super::state::Shared;

/// How much earlier than now a new certificate begins: clocks of two machines differ a little.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// Makes a new certificate if its time has come, and shows it from then on. What fails is tried again
/// with the next heartbeat.
pub(super) async fn renew_if_due(shared: &Shared, told: bool) {
    let now = shared.clock.now();
    let current = shared.credentials().identity.certificate;
    let facts = current.facts();
    if !told && now < renewal_due(facts.not_before, facts.not_after) {
        return;
    }
    match renew(shared, &current, now).await {
        Ok(thumbprint) => tracing::info!("this worker has a new certificate, {thumbprint}"),
        Err(error) => {
            let code = error.code();
            let message = with_sources(&error);
            tracing::error!(code, "failed to renew the certificate: {message}");
        }
    }
}

async fn renew(
    shared: &Shared,
    current: &Certificate,
    now: Timestamp,
) -> Result<String, WorkerError> {
    let issued = create_self_signed(&successor(current, now))?;
    let new = Identity {
        certificate: issued.certificate,
        key: issued.key,
    };
    let certificate = new.certificate.to_pem();
    shared.link.renew(&Renew { certificate }).await?;
    if let Some(keeper) = shared.credentials().keeper
        && let Err(error) = keeper.keep_identity(&new)
    {
        // The old one is good for a day: the next heartbeat makes another.
        tracing::error!("failed to keep the new certificate: {error}");
    }
    let thumbprint = new.certificate.thumbprint().to_string();
    let settings = shared.settings();
    shared.use_credentials(&settings, |credentials| credentials.identity = new)?;
    // The master learns from the next registration that the new one is in use.
    shared.registered.send_replace(false);
    Ok(thumbprint)
}

/// The same names and the same length of life.
fn successor(current: &Certificate, now: Timestamp) -> CertificateRequest {
    let facts = current.facts();
    let life = facts.not_after.duration_since(facts.not_before);
    let days = u32::try_from(life.as_hours() / 24).unwrap_or(365).max(1);
    CertificateRequest {
        names: facts.names.clone(),
        not_before: now - SLACK,
        valid_days: days,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_certificate_has_the_same_names_and_length() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let current = create_self_signed(&CertificateRequest {
            names: vec!["w1".to_owned(), "10.0.0.5".to_owned()],
            not_before: at("2026-01-01T00:00:00Z"),
            valid_days: 90,
        })
        .unwrap()
        .certificate;
        let next = successor(&current, at("2026-03-02T00:00:00Z"));
        assert_eq!(next.names, ["w1", "10.0.0.5"]);
        assert_eq!(next.valid_days, 90);
        let facts = current.facts();
        let due = renewal_due(facts.not_before, facts.not_after);
        assert_eq!(due, at("2026-03-02T00:00:00Z"));
    }
}
