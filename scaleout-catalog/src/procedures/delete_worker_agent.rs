//! `catalog.delete_worker_agent`

use scaleout_core::certificates::Thumbprint;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::{CatalogError, JoinError};
use crate::master::sweep::take_back;
use crate::store::{certificates, executions, workers};

/// Forgets a worker, and refuses its certificates from now on.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (worker, force) = (
        args.uuid("@WorkerAgentId"),
        args.bit("@force").unwrap_or(false),
    );
    let (by, now) = (cx.caller.name.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let running = executions::held_by(session, worker).await?;
            if !running.is_empty() && !force {
                let running = running.len();
                return Err(JoinError::WorkerBusy { worker, running }.into());
            }
            for execution in running {
                let next = execution.state.lose(execution.rerun);
                take_back(session, &execution, next, now).await?;
            }
            for text in certificates::of_worker(session, worker).await? {
                let thumbprint: Thumbprint = text.parse().map_err(JoinError::from)?;
                certificates::revoke(session, &thumbprint, &by, now).await?;
            }
            if !workers::delete(session, worker).await? {
                return Err(CatalogError::WorkerMissing { worker });
            }
            session.wake_scheduler();
            Ok(done())
        })
    })
    .await
}
