//! `msdb.dbo.sp_stop_job`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use super::sp_delete_jobserver::check_target;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::{call, run};

/// Asks all runs of a job to stop; whatever they have started is stopped then.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, package) = (args.clone(), cx.caller.clone(), cx.package.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let mut who = caller.name.clone();
            if let Some(package) = package {
                who = package.in_words(&who);
                match package.look(session).await? {
                    (_, Some(_)) => return Ok(done()),
                    (key, None) => call::insert(session, &key, None).await?,
                }
            }
            let job = lookup::job(session, &caller, JobAccess::Operate, &args).await?;
            if let Some(server) = args.optional_text("@server_name") {
                check_target(&job, server)?;
            }
            if run::open_of_job(session, job.job_id).await?.is_empty() {
                return Err(JobError::NotRunning { name: job.name }.into());
            }
            run::request_stop(session, job.job_id, None, &who).await?;
            Ok(done())
        })
    })
    .await
}
