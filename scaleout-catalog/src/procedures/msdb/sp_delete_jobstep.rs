//! `msdb.dbo.sp_delete_jobstep`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use super::sp_update_jobstep::missing;
use crate::error::CatalogError;
use crate::procedures::call::{Call, done};
use crate::store::jobs::{job, step};

/// Deletes a step, or all.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let mut found = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            let wanted = args.integer("@step_id");
            let steps = step::all(session, found.job_id).await?;
            if wanted != 0 && !steps.iter().any(|step| step.step_id == wanted) {
                return Err(missing(wanted).into());
            }
            step::delete(session, found.job_id, wanted).await?;
            if wanted != 0 && wanted < found.start_step_id {
                found.start_step_id -= 1;
            }
            job::update(session, &found, now).await?;
            Ok(done())
        })
    })
    .await
}
