//! `catalog.revoke_certificate`

use scaleout_core::certificates::Thumbprint;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::{CatalogError, JoinError};
use crate::store::certificates;

/// Refuses a certificate from the next request on.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let thumbprint: Thumbprint = args
        .text("@thumbprint")
        .parse()
        .map_err(JoinError::Certificate)?;
    let (by, now) = (cx.caller.name.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            certificates::revoke(session, &thumbprint, &by, now).await?;
            Ok(done())
        })
    })
    .await
}
