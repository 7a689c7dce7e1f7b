//! `msdb.dbo.sp_attach_schedule`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use crate::error::CatalogError;
use crate::jobs::next;
use crate::procedures::call::{Call, done};

/// Lets a schedule start a job; its times count from now.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let job = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            let found = lookup::schedule(session, &caller, &args, "@schedule_name").await?;
            next::attach(session, job.job_id, &found, now).await?;
            session.wake_waiters();
            Ok(done())
        })
    })
    .await
}
