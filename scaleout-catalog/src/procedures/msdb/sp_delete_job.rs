//! `msdb.dbo.sp_delete_job`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::{job, run, schedule};

/// Deletes a job that does not run.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller) = (args.clone(), cx.caller.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let found = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            if !run::open_of_job(session, found.job_id).await?.is_empty() {
                return Err(JobError::Running { name: found.name }.into());
            }
            let schedules = schedule::of_job(session, found.job_id).await?;
            let with_history = args.bit("@delete_history").unwrap_or(true);
            job::delete(session, found.job_id, with_history).await?;
            if args.bit("@delete_unused_schedule").unwrap_or(true) {
                for id in schedules {
                    if schedule::jobs(session, id).await?.is_empty() {
                        schedule::delete(session, id).await?;
                    }
                }
            }
            Ok(done())
        })
    })
    .await
}
