//! `msdb.dbo.sp_add_schedule`

use scaleout_core::model::{IdSource as _, RandomIds};
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::lookup;
use super::schedule_numbers::{blank, give, machine_zone};
use crate::error::{CatalogError, JobError};
use crate::procedures::call::Call;
use crate::store::jobs::schedule::{self, ScheduleRow};

/// Creates a schedule.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    let schedule_uid = RandomIds.next_id();
    cx.write(move |session| {
        Box::pin(async move {
            let mut new = ScheduleRow {
                schedule_id: 0,
                schedule_uid,
                name: checked_name(args.text("@schedule_name"))?,
                owner_name: lookup::owner(session, &caller, &args).await?,
                enabled: args.integer("@enabled") != 0,
                numbers: blank(),
                time_zone: machine_zone(),
            };
            give(&mut new, &args, now)?;
            let id = schedule::insert(session, &new, now).await?;
            Ok(ProcedureResult {
                outputs: [
                    ("@schedule_id".to_owned(), Value::from(id)),
                    (
                        "@schedule_uid".to_owned(),
                        Value::from(new.schedule_uid.to_string()),
                    ),
                ]
                .into(),
                ..ProcedureResult::default()
            })
        })
    })
    .await
}

/// A name of a schedule.
pub fn checked_name(name: &str) -> Result<String, JobError> {
    match name.trim() {
        "" => Err(JobError::Value {
            parameter: "@schedule_name",
            value: String::new(),
            form: "a name that is not blank",
        }),
        name => Ok(name.to_owned()),
    }
}
