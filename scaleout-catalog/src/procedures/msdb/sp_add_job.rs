//! `msdb.dbo.sp_add_job`

use scaleout_core::jobs::policy::{Missed, Overlap};
use scaleout_core::model::{IdSource as _, RandomIds};
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;
use uuid::Uuid;

use super::lookup::{self, filled, within};
use crate::error::{CatalogError, JobError};
use crate::procedures::call::Call;
use crate::store::Session;
use crate::store::jobs::job::{self, JobRow, Levels};
use crate::store::jobs::operator;

/// What a level can be.
const LEVEL: &str = "0 never, 1 on success, 2 on failure or 3 always";

/// Creates a job without steps, schedules and target.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    let given = lookup::optional_uuid(&args, "@job_uid");
    let job_id = given.unwrap_or_else(|| RandomIds.next_id());
    cx.write(move |session| {
        Box::pin(async move {
            if job::find(session, job_id).await?.is_some() {
                return Err(JobError::Taken {
                    kind: "job",
                    name: job_id.to_string(),
                }
                .into());
            }
            let mut new = JobRow {
                job_id,
                name: checked_name(args.text("@job_name"))?,
                enabled: args.integer("@enabled") != 0,
                description: filled(args.optional_text("@description")),
                start_step_id: args.integer("@start_step_id"),
                category_name: filled(args.optional_text("@category_name")),
                owner_name: lookup::owner(session, &caller, &args).await?,
                levels: Levels::default(),
                email_operator: None,
                netsend_operator: None,
                page_operator: None,
                webhook_operator: None,
                overlap: Overlap::default(),
                missed: Missed::default(),
                server_name: None,
                target_worker: None,
            };
            give(session, &mut new, &args).await?;
            if !job::insert(session, &new, now).await? {
                return Err(JobError::Taken {
                    kind: "job",
                    name: new.name,
                }
                .into());
            }
            Ok(created("@job_id", new.job_id))
        })
    })
    .await
}

/// An id as the one output.
pub fn created(output: &str, id: Uuid) -> ProcedureResult {
    ProcedureResult {
        outputs: [(output.to_owned(), Value::from(id.to_string()))].into(),
        ..ProcedureResult::default()
    }
}

/// A name of a job: the original allows no `%`.
pub fn checked_name(name: &str) -> Result<String, JobError> {
    let name = name.trim();
    if name.is_empty() || name.contains('%') {
        return Err(JobError::Value {
            parameter: "@job_name",
            value: name.to_owned(),
            form: "a name without `%` that is not blank",
        });
    }
    Ok(name.to_owned())
}

/// Sets what is given of levels, operators and policies.
pub async fn give(
    session: &mut Session,
    job: &mut JobRow,
    args: &BoundArguments,
) -> Result<(), CatalogError> {
    let levels = &mut job.levels;
    for (parameter, level) in [
        ("@notify_level_eventlog", &mut levels.eventlog),
        ("@notify_level_email", &mut levels.email),
        ("@notify_level_netsend", &mut levels.netsend),
        ("@notify_level_page", &mut levels.page),
        ("@notify_level_webhook", &mut levels.webhook),
        ("@delete_level", &mut levels.delete),
    ] {
        if let Some(given) = within(args, parameter, 0..=3, LEVEL)? {
            *level = given;
        }
    }
    for (parameter, place) in [
        ("@notify_email_operator_name", &mut job.email_operator),
        ("@notify_page_operator_name", &mut job.page_operator),
        ("@notify_webhook_operator_name", &mut job.webhook_operator),
    ] {
        if let Some(name) = args.optional_text(parameter) {
            *place = match filled(Some(name)) {
                Some(name) => Some(operator_name(session, name).await?),
                None => None,
            };
        }
    }
    if let Some(name) = args.optional_text("@notify_netsend_operator_name") {
        job.netsend_operator = filled(Some(name));
    }
    if let Some(name) = args.optional_text("@overlap_policy") {
        job.overlap = Overlap::from_name(name).ok_or_else(|| JobError::Value {
            parameter: "@overlap_policy",
            value: name.to_owned(),
            form: "skip, queue or cancel_previous",
        })?;
    }
    if let Some(name) = args.optional_text("@missed_run_policy") {
        job.missed = Missed::from_name(name).ok_or_else(|| JobError::Value {
            parameter: "@missed_run_policy",
            value: name.to_owned(),
            form: "once or skip",
        })?;
    }
    Ok(())
}

async fn operator_name(session: &mut Session, name: String) -> Result<String, CatalogError> {
    match operator::find(session, &name).await? {
        Some(found) => Ok(found.name),
        None => Err(JobError::Missing {
            kind: "operator",
            name,
        }
        .into()),
    }
}
