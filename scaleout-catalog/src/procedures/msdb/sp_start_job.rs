//! `msdb.dbo.sp_start_job`

use jiff::Timestamp;
use scaleout_core::model::Caller;
use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use super::sp_delete_jobserver::check_target;
use crate::error::{CatalogError, JobError};
use crate::jobs::enter::{Entered, Request, enter};
use crate::procedures::call::{Call, done, done_with};
use crate::store::Session;
use crate::store::jobs::call;
use crate::store::jobs::run::Source;
use crate::store::jobs::step;

/// Starts a job and returns when that is durable; whether the job is enabled does not count.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    let package = cx.package.clone();
    cx.write(move |session| {
        Box::pin(async move {
            let Some(package) = package else {
                let who = caller.name.clone();
                let id = start(session, &caller, &args, (who, now)).await?;
                return Ok(done_with("@run_id", id));
            };
            match package.look(session).await? {
                (_, Some(Some(id))) => Ok(done_with("@run_id", id)),
                (_, Some(None)) => Ok(done()),
                (key, None) => {
                    let who = package.in_words(&caller.name);
                    let id = start(session, &caller, &args, (who, now)).await?;
                    call::insert(session, &key, Some(id)).await?;
                    Ok(done_with("@run_id", id))
                }
            }
        })
    })
    .await
}

/// Starts the job that the arguments name; gives the number of its run.
async fn start(
    session: &mut Session,
    caller: &Caller,
    args: &BoundArguments,
    (who, now): (String, Timestamp),
) -> Result<i64, CatalogError> {
    let job = lookup::job(session, caller, JobAccess::Operate, args).await?;
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
        source_name: who,
        fired: None,
        step_id: first,
        now,
    };
    match enter(session, &job, request).await? {
        Entered::Run(id) => Ok(id),
        Entered::Refused | Entered::FiredBefore => Err(JobError::Running { name: job.name }.into()),
    }
}
