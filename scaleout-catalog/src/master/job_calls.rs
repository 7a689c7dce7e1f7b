//! Jobs that packages start and stop, with the rights of who started their executions.

use scaleout_core::error::{Blame, Explain as _, explained};
use scaleout_core::model::OperationStatus;
use scaleout_core::protocol::job::{CallJob, JobOutcome};
use scaleout_core::protocol::worker::AttemptKey;
use scaleout_core::registry::ProcedureResult;
use serde_json::Value;
use uuid::Uuid;

use super::children::held_parent;
use crate::catalog::Catalog;
use crate::error::{CatalogError, ChildPackageError};
use crate::jobs::owner;
use crate::store::Session;
use crate::store::jobs::call::{self, CallKey};

/// The task of a package that calls a procedure.
#[derive(Clone, Debug)]
pub struct PackageCall {
    worker: Uuid,
    attempt: AttemptKey,
    path: String,
    occurrence: u32,
}

impl PackageCall {
    /// Who it is in words.
    pub fn in_words(&self, login: &str) -> String {
        format!("{login} (execution {})", self.attempt.execution_id)
    }

    /// The place of this call, and what came of it if it was made before.
    ///
    /// # Errors
    /// The worker does not hold the attempt, or the execution is being stopped.
    pub async fn look(
        &self,
        session: &mut Session,
    ) -> Result<(CallKey, Option<Option<i64>>), CatalogError> {
        let execution = held_parent(session, self.worker, self.attempt).await?;
        let key = CallKey {
            execution_id: execution.execution_id,
            retry: execution.state.tally().failures,
            path: self.path.clone(),
            occurrence: self.occurrence,
        };
        let known = call::find(session, &key).await?;
        if known.is_none() && execution.state.status() == OperationStatus::Stopping {
            let parent_id = execution.execution_id;
            return Err(ChildPackageError::ParentStops { parent_id }.into());
        }
        Ok((key, known))
    }
}

impl Catalog {
    /// Starts or stops a job for a package that the worker runs, or finds out that this call has
    /// done so.
    ///
    /// # Errors
    /// [`CatalogError::StaleAttempt`] unless the worker holds the execution, or the database fails.
    /// What the caller may not do or cannot do is an answer.
    pub async fn call_job(
        &self,
        worker: Uuid,
        wanted: &CallJob,
    ) -> Result<JobOutcome, CatalogError> {
        match self.try_call(worker, wanted).await {
            Ok(done) => {
                let run_id = done.outputs.get("@run_id").and_then(Value::as_i64);
                Ok(JobOutcome::Done { run_id })
            }
            Err(error) if is_refusal(&error) => Ok(JobOutcome::Refused {
                reason: format!("{}: {}", error.code(), explained(&error)),
            }),
            Err(error) => Err(error),
        }
    }

    async fn try_call(
        &self,
        worker: Uuid,
        wanted: &CallJob,
    ) -> Result<ProcedureResult, CatalogError> {
        let (attempt, request) = (wanted.attempt, &wanted.request);
        let caller = {
            let mut session = self.shared.store.reader().await?;
            let execution = held_parent(&mut session, worker, attempt).await?;
            owner::caller(&mut session, &execution.caller_name).await?
        };
        let package = PackageCall {
            worker,
            attempt,
            path: request.path.clone(),
            occurrence: request.occurrence,
        };
        let procedure = request.verb.procedure();
        self.call_from(Some(package), &caller, procedure, &request.arguments)
            .await
    }
}

/// Whether the next try would get the same answer, and the package is to hear it.
fn is_refusal(error: &CatalogError) -> bool {
    let is_stale = matches!(error, CatalogError::StaleAttempt { .. });
    let blame = matches!(
        error.blame(),
        Blame::Caller | Blame::Missing | Blame::Conflict | Blame::Forbidden
    );
    blame && !is_stale
}
