//! Certificates of workers that the catalog knows.

use jiff::Timestamp;
use scaleout_core::certificates::{Certificate, Thumbprint};
use uuid::Uuid;

use super::{Session, StoreError, args};

/// How the catalog stands to a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The worker that it belongs to.
    pub worker: Option<Uuid>,
    /// Whether the catalog trusts it now.
    pub is_trusted: bool,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// Both thumbprints as they are stored.
fn stored(certificate: &Certificate) -> (String, String) {
    let lower = |thumbprint: Thumbprint| thumbprint.as_str().to_lowercase();
    (
        lower(certificate.thumbprint_sha256()),
        lower(certificate.thumbprint()),
    )
}

/// How the catalog stands to a certificate.
pub async fn standing(
    session: &mut Session,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    let (sha256, sha1) = stored(certificate);
    let rows = session
        .rows(
            "SELECT (SELECT worker_id FROM worker_certificate WHERE thumbprint = $1) AS worker_id,
                 c.is_trusted, c.trusted_until, c.revoked_time
             FROM (SELECT 1 AS one) one LEFT JOIN certificate c ON c.thumbprint IN ($1, $2)",
            args![sha256, sha1],
        )
        .await?;
    let mut found = Standing::default();
    for row in &rows {
        found.worker = row.get("worker_id")?;
        let is_trusted: Option<bool> = row.get("is_trusted")?;
        let until: Option<Timestamp> = row.get("trusted_until")?;
        found.is_trusted |= is_trusted == Some(true) && until.is_none_or(|until| now < until);
        let revoked: Option<Timestamp> = row.get("revoked_time")?;
        // What was replaced is no longer good, also where a folder of a master holds it.
        let replaced = until.filter(|until| *until <= now);
        found.revoked = found.revoked.or(revoked).or(replaced);
    }
    Ok(found)
}

/// Records what a certificate says; trust and revocation of one that is known stay.
pub async fn note(
    session: &mut Session,
    certificate: &Certificate,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (sha256, sha1) = stored(certificate);
    let facts = certificate.facts();
    session
        .execute(
            "INSERT INTO certificate (thumbprint, thumbprint_sha1, certificate, subject, not_before,
                 not_after, is_trusted, added_by_name, added_time)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (thumbprint) DO UPDATE SET thumbprint_sha1 = excluded.thumbprint_sha1,
                 certificate = excluded.certificate, subject = excluded.subject,
                 not_before = excluded.not_before, not_after = excluded.not_after",
            args![
                sha256,
                sha1,
                certificate.to_pem(),
                &facts.subject,
                facts.not_before,
                facts.not_after,
                false,
                by,
                now
            ],
        )
        .await?;
    Ok(())
}

/// Trusts a certificate from now on, until then; one that was revoked is not trusted again.
pub async fn trust(
    session: &mut Session,
    thumbprint: &str,
    until: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE certificate SET is_trusted = $2, trusted_until = $3
             WHERE thumbprint = $1 AND revoked_time IS NULL",
            args![thumbprint.to_lowercase(), true, until],
        )
        .await?;
    Ok(changed == 1)
}

/// Trusts whichever certificate has this thumbprint.
pub async fn trust_thumbprint(
    session: &mut Session,
    thumbprint: &Thumbprint,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO certificate (thumbprint, is_trusted, added_by_name, added_time)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (thumbprint) DO UPDATE SET is_trusted = excluded.is_trusted,
                 trusted_until = NULL",
            args![thumbprint.as_str().to_lowercase(), true, by, now],
        )
        .await?;
    Ok(())
}

/// When a certificate with this thumbprint, of either kind, was revoked.
pub async fn revoked(
    session: &mut Session,
    thumbprint: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT revoked_time FROM certificate
             WHERE (thumbprint = $1 OR thumbprint_sha1 = $1) AND revoked_time IS NOT NULL",
            args![thumbprint.to_lowercase()],
        )
        .await?;
    Ok(row
        .map(|row| row.get("revoked_time"))
        .transpose()?
        .flatten())
}

/// Refuses a certificate from now on; one that the catalog has never seen too.
pub async fn revoke(
    session: &mut Session,
    thumbprint: &Thumbprint,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let stored = thumbprint.as_str().to_lowercase();
    let changed = session
        .execute(
            "UPDATE certificate SET is_trusted = $4, revoked_by_name = $2, revoked_time = $3
             WHERE thumbprint = $1 OR thumbprint_sha1 = $1",
            args![stored.clone(), by, now, false],
        )
        .await?;
    if 0 < changed {
        return Ok(());
    }
    session
        .execute(
            "INSERT INTO certificate (thumbprint, is_trusted, added_by_name, added_time,
                 revoked_by_name, revoked_time) VALUES ($1, $2, $3, $4, $3, $4)",
            args![stored, false, by, now],
        )
        .await?;
    Ok(())
}

/// The certificates of a worker other than one, that are neither revoked nor about to end.
pub async fn retire_others(
    session: &mut Session,
    worker: Uuid,
    kept: &Certificate,
    until: Timestamp,
) -> Result<(), StoreError> {
    let (sha256, _) = stored(kept);
    session
        .execute(
            "UPDATE certificate SET is_trusted = $4, trusted_until = $3
             WHERE thumbprint <> $2 AND (trusted_until IS NULL OR trusted_until > $3)
                 AND revoked_time IS NULL
                 AND thumbprint IN (SELECT thumbprint FROM worker_certificate WHERE worker_id = $1)",
            args![worker, sha256, until, true],
        )
        .await?;
    Ok(())
}

/// The thumbprints of a worker.
pub async fn of_worker(session: &mut Session, worker: Uuid) -> Result<Vec<String>, StoreError> {
    let rows = session
        .rows(
            "SELECT thumbprint FROM worker_certificate WHERE worker_id = $1",
            args![worker],
        )
        .await?;
    rows.iter().map(|row| row.get("thumbprint")).collect()
}

/// Says which certificate a worker has shown last, and whether that is another than before.
pub async fn show(
    session: &mut Session,
    worker: Uuid,
    certificate: &Certificate,
) -> Result<bool, StoreError> {
    let (sha256, _) = stored(certificate);
    let changed = session
        .execute(
            "UPDATE worker SET thumbprint = $2
             WHERE worker_id = $1 AND (thumbprint IS NULL OR thumbprint <> $2)",
            args![worker, sha256],
        )
        .await?;
    Ok(changed == 1)
}

/// Whether a worker is to make itself a new certificate.
pub async fn is_to_renew(session: &mut Session, worker: Uuid) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT renew_certificate FROM worker WHERE worker_id = $1",
            args![worker],
        )
        .await?;
    Ok(row
        .map(|row| row.get("renew_certificate"))
        .transpose()?
        .unwrap_or(false))
}

/// Says whether a worker is to make itself a new certificate; false when there is no such worker.
pub async fn set_renew(
    session: &mut Session,
    worker: Uuid,
    renew: bool,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE worker SET renew_certificate = $2 WHERE worker_id = $1",
            args![worker, renew],
        )
        .await?;
    Ok(changed == 1)
}
