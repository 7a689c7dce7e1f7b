//! `msdb.dbo.sp_update_jobstep`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use super::sp_add_jobstep::{check, give};
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::{job, step};

/// Changes what is given of a step.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let found = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            let steps = step::all(session, found.job_id).await?;
            let wanted = args.integer("@step_id");
            let Some(old) = steps.iter().find(|step| step.step_id == wanted) else {
                return Err(missing(wanted).into());
            };
            let mut changed = old.clone();
            give(session, &mut changed, &args).await?;
            check(session, &found, &changed, &steps).await?;
            step::update(session, &changed).await?;
            job::update(session, &found, now).await?;
            Ok(done())
        })
    })
    .await
}

/// The error of a step that is not there.
pub fn missing(step_id: i64) -> JobError {
    JobError::Missing {
        kind: "step",
        name: step_id.to_string(),
    }
}
