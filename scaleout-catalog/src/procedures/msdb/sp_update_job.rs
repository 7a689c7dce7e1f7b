//! `msdb.dbo.sp_update_job`

use scaleout_core::registry::msdb::SP_UPDATE_JOB;
use scaleout_core::registry::{ArgumentValue, BoundArguments, JobAccess, ProcedureResult};

use super::lookup::{self, filled, same_login};
use super::sp_add_job::{checked_name, give};
use crate::error::{CatalogError, JobError};
use crate::jobs::next;
use crate::procedures::call::{Call, done};
use crate::store::jobs::job;

/// Changes what is given of a job. Who enables it, lets its schedules count from now: what passed
/// while it was disabled is not missed.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let mut job = lookup::job(session, &caller, JobAccess::Operate, &args).await?;
            let own = caller.is_administrator() || same_login(&job.owner_name, &caller.name);
            if !own && !only_enables(&args) {
                return Err(JobError::NotOwner {
                    caller: caller.name.clone(),
                    kind: "job",
                    name: job.name,
                    owner: job.owner_name,
                }
                .into());
            }
            let was_enabled = job.enabled;
            if let Some(name) = args.optional_text("@new_name") {
                job.name = checked_name(name)?;
                let holder = job::find_by_name(session, &job.name).await?;
                if holder.is_some_and(|holder| holder.job_id != job.job_id) {
                    return Err(JobError::Taken {
                        kind: "job",
                        name: job.name,
                    }
                    .into());
                }
            }
            if let Some(enabled) = args.optional_integer("@enabled") {
                job.enabled = enabled != 0;
            }
            if let Some(text) = args.optional_text("@description") {
                job.description = filled(Some(text));
            }
            if let Some(step) = args.optional_integer("@start_step_id") {
                job.start_step_id = step;
            }
            if let Some(text) = args.optional_text("@category_name") {
                job.category_name = filled(Some(text));
            }
            if args.optional_text("@owner_login_name").is_some() {
                job.owner_name = lookup::owner(session, &caller, &args).await?;
            }
            give(session, &mut job, &args).await?;
            job::update(session, &job, now).await?;
            if job.enabled && !was_enabled {
                next::of_job(session, job.job_id, now).await?;
            }
            session.wake_waiters();
            Ok(done())
        })
    })
    .await
}

/// Whether a call changes nothing but `@enabled`.
fn only_enables(args: &BoundArguments) -> bool {
    SP_UPDATE_JOB.parameters.iter().all(|parameter| {
        matches!(parameter.name, "@job_id" | "@job_name" | "@enabled")
            || *args.get(parameter.name) == ArgumentValue::Null
    })
}
