//! `msdb.dbo.sp_update_schedule`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::lookup;
use super::schedule_numbers::give;
use super::sp_add_schedule::checked_name;
use crate::error::CatalogError;
use crate::jobs::next;
use crate::procedures::call::{Call, done};
use crate::store::jobs::schedule;

/// Changes what is given of a schedule; its times count from now.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let mut found = lookup::schedule(session, &caller, &args, "@name").await?;
            if let Some(name) = args.optional_text("@new_name") {
                found.name = checked_name(name)?;
            }
            if let Some(enabled) = args.optional_integer("@enabled") {
                found.enabled = enabled != 0;
            }
            if args.optional_text("@owner_login_name").is_some() {
                found.owner_name = lookup::owner(session, &caller, &args).await?;
            }
            give(&mut found, &args, now)?;
            schedule::update(session, &found, now).await?;
            for (job_id, _) in schedule::jobs(session, found.schedule_id).await? {
                next::attach(session, job_id, &found, now).await?;
            }
            session.wake_waiters();
            Ok(done())
        })
    })
    .await
}
