//! `msdb.dbo.sp_add_jobschedule`

use scaleout_core::model::{IdSource as _, RandomIds};
use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};

use super::lookup;
use super::schedule_numbers::{blank, give, machine_zone};
use super::sp_add_schedule::checked_name;
use crate::error::CatalogError;
use crate::jobs::next;
use crate::procedures::call::{Call, done_with};
use crate::store::jobs::schedule::{self, ScheduleRow};

/// Creates a schedule, which belongs to the owner of the job, and attaches it.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    let schedule_uid = RandomIds.next_id();
    cx.write(move |session| {
        Box::pin(async move {
            let job = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            let mut new = ScheduleRow {
                schedule_id: 0,
                schedule_uid,
                name: checked_name(args.text("@name"))?,
                owner_name: job.owner_name.clone(),
                enabled: args.integer("@enabled") != 0,
                numbers: blank(),
                time_zone: machine_zone(),
            };
            give(&mut new, &args, now)?;
            new.schedule_id = schedule::insert(session, &new, now).await?;
            next::attach(session, job.job_id, &new, now).await?;
            session.wake_waiters();
            Ok(done_with("@schedule_id", new.schedule_id))
        })
    })
    .await
}
