//! `catalog.add_execution_worker`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup;
use crate::error::CatalogError;
use crate::store::{executions, workers};

/// Allows a worker to run an execution that was not started.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@execution_id");
    let worker = args.uuid("@workeragent_id");
    let rights = cx.rights();
    cx.write_beside(move |session| {
        Box::pin(async move {
            let execution = lookup::unstarted(session, &rights, id).await?;
            if !execution.run_in_scale_out {
                return Err(CatalogError::NotScaleOut { id });
            }
            if workers::is_enabled(session, worker).await?.is_none() {
                return Err(CatalogError::WorkerMissing { worker });
            }
            executions::allow_worker(session, id, worker).await?;
            Ok(done())
        })
    })
    .await
}
