//! `catalog.enable_worker_agent`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::store::workers;

/// Lets a worker take executions.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let worker = args.uuid("@WorkerAgentId");
    cx.write(move |session| {
        Box::pin(async move {
            if workers::set_enabled(session, worker, true).await? {
                Ok(done())
            } else {
                Err(CatalogError::WorkerMissing { worker })
            }
        })
    })
    .await
}
