//! `msdb.dbo.sp_purge_jobhistory`

use jiff::Timestamp;
use scaleout_core::registry::{ArgumentValue, BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use crate::error::CatalogError;
use crate::procedures::call::{Call, done};
use crate::store::jobs::history;

/// Removes the history of one job, or of all.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller) = (args.clone(), cx.caller.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let is_for_one = args.optional_text("@job_name").is_some()
                || *args.get("@job_id") != ArgumentValue::Null;
            let job_id = if is_for_one {
                let job = lookup::job(session, &caller, JobAccess::Purge, &args).await?;
                Some(job.job_id)
            } else {
                None
            };
            let before = match args.get("@oldest_date") {
                ArgumentValue::Time(time) => *time,
                _ => Timestamp::MAX,
            };
            history::purge(session, job_id, before).await?;
            Ok(done())
        })
    })
    .await
}
