//! `catalog.disable_worker_agent`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::store::workers;

/// Gives a worker no further executions; those it runs go on.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let worker = args.uuid("@WorkerAgentId");
    cx.write(move |session| {
        Box::pin(async move {
            if workers::set_enabled(session, worker, false).await? {
                Ok(done())
            } else {
                Err(CatalogError::WorkerMissing { worker })
            }
        })
    })
    .await
}
