//! `msdb.dbo.sp_stop_job`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use super::sp_delete_jobserver::check_target;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::run;

/// Asks all runs of a job to stop; whatever they have started is stopped then.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller) = (args.clone(), cx.caller.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let job = lookup::job(session, &caller, JobAccess::Operate, &args).await?;
            if let Some(server) = args.optional_text("@server_name") {
                check_target(&job, server)?;
            }
            if run::open_of_job(session, job.job_id).await?.is_empty() {
                return Err(JobError::NotRunning { name: job.name }.into());
            }
            run::request_stop(session, job.job_id, None, &caller.name).await?;
            Ok(done())
        })
    })
    .await
}
