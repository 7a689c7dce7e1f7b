//! `msdb.dbo.sp_delete_jobserver`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::job;

/// Takes the target of a job away.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let mut found = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            check_target(&found, args.text("@server_name"))?;
            found.server_name = None;
            found.target_worker = None;
            job::update(session, &found, now).await?;
            Ok(done())
        })
    })
    .await
}

/// A target that the job has.
pub fn check_target(job: &job::JobRow, named: &str) -> Result<(), JobError> {
    let has = job.server_name.as_deref().is_some_and(|name| {
        name.eq_ignore_ascii_case(named.trim())
            || job
                .target_worker
                .is_some_and(|id| id.to_string() == named.trim().to_lowercase())
    });
    if has {
        return Ok(());
    }
    Err(JobError::Missing {
        kind: "worker",
        name: named.to_owned(),
    })
}
