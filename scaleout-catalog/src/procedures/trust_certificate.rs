//! `catalog.trust_certificate`

use scaleout_core::certificates::{Certificate, Thumbprint};
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::{CatalogError, JoinError};
use crate::store::certificates;

/// Trusts the certificate of a worker, given whole or by its thumbprint.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let certificate = args
        .optional_text("@certificate")
        .map(Certificate::from_pem)
        .transpose()
        .map_err(JoinError::from)?;
    if let Some(certificate) = &certificate {
        certificate.check_strength().map_err(JoinError::from)?;
    }
    let given = args
        .optional_text("@thumbprint")
        .map(str::parse::<Thumbprint>)
        .transpose()
        .map_err(JoinError::from)?;
    let (by, now) = (cx.caller.name.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let thumbprint = match (&certificate, given) {
                (Some(certificate), None) => {
                    certificates::note(session, certificate, &by, now).await?;
                    certificate.thumbprint_sha256()
                }
                (None, Some(thumbprint)) => thumbprint,
                _ => return Err(JoinError::NothingToTrust.into()),
            };
            let stored = thumbprint.as_str().to_owned();
            if let Some(since) = certificates::revoked(session, &stored).await? {
                return Err(JoinError::Revoked {
                    thumbprint: stored,
                    since,
                }
                .into());
            }
            if certificate.is_some() {
                certificates::trust(session, &stored, None).await?;
            } else {
                certificates::trust_thumbprint(session, &thumbprint, &by, now).await?;
            }
            Ok(done())
        })
    })
    .await
}
