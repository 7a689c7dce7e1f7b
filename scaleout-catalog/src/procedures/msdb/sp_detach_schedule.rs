//! `msdb.dbo.sp_detach_schedule`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::schedule;

/// Lets a schedule no longer start a job.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller) = (args.clone(), cx.caller.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let job = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            let found = lookup::schedule(session, &caller, &args, "@schedule_name").await?;
            let id = found.schedule_id;
            if !schedule::detach(session, job.job_id, id).await? {
                return Err(JobError::Missing {
                    kind: "schedule",
                    name: format!("{} of the job {}", found.name, job.name),
                }
                .into());
            }
            let unused = schedule::jobs(session, id).await?.is_empty();
            if unused && args.bit("@delete_unused_schedule").unwrap_or(false) {
                schedule::delete(session, id).await?;
            }
            Ok(done())
        })
    })
    .await
}
