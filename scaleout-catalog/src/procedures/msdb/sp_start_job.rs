//! `msdb.dbo.sp_start_job`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use super::sp_delete_jobserver::check_target;
use crate::error::{CatalogError, JobError};
use crate::jobs::enter::{Entered, Request, enter};
use crate::procedures::call::{Call, done_with};
use crate::store::jobs::run::Source;
use crate::store::jobs::step;

/// Starts a job and returns when that is durable; whether the job is enabled does not count.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let job = lookup::job(session, &caller, JobAccess::Operate, &args).await?;
            if let Some(server) = args.optional_text("@server_name") {
                check_target(&job, server)?;
            }
            let first = match args.optional_text("@step_name") {
                None => None,
                Some(name) => {
                    let steps = step::all(session, job.job_id).await?;
                    let found = steps
                        .iter()
                        .find(|step| step.step_name.to_lowercase() == name.trim().to_lowercase());
                    let missing = || JobError::Missing {
                        kind: "step",
                        name: name.to_owned(),
                    };
                    Some(found.ok_or_else(missing)?.step_id)
                }
            };
            let request = Request {
                source: Source::User,
                source_name: caller.name.clone(),
                fired: None,
                step_id: first,
                now,
            };
            match enter(session, &job, request).await? {
                Entered::Run(id) => Ok(done_with("@run_id", id)),
                Entered::Refused | Entered::FiredBefore => {
                    Err(JobError::Running { name: job.name }.into())
                }
            }
        })
    })
    .await
}
