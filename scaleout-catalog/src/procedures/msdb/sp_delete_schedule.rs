//! `msdb.dbo.sp_delete_schedule`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::schedule;

/// Deletes a schedule that no job uses, or any by force.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller) = (args.clone(), cx.caller.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let found = lookup::schedule(session, &caller, &args, "@schedule_name").await?;
            let users = schedule::jobs(session, found.schedule_id).await?;
            if !users.is_empty() && !args.bit("@force_delete").unwrap_or(false) {
                let names: Vec<&str> = users.iter().map(|(_, name)| name.as_str()).collect();
                return Err(JobError::Used {
                    kind: "schedule",
                    name: found.name,
                    users: format!("the jobs {}", names.join(", ")),
                }
                .into());
            }
            schedule::delete(session, found.schedule_id).await?;
            Ok(done())
        })
    })
    .await
}
