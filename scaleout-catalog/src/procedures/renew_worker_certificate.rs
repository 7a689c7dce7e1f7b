//! `catalog.renew_worker_certificate`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::store::certificates;

/// Tells a worker to make itself a new certificate, with its next heartbeat.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let worker = args.uuid("@WorkerAgentId");
    cx.write(move |session| {
        Box::pin(async move {
            if certificates::set_renew(session, worker, true).await? {
                Ok(done())
            } else {
                Err(CatalogError::WorkerMissing { worker })
            }
        })
    })
    .await
}
