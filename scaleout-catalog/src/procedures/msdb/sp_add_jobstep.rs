//! `msdb.dbo.sp_add_jobstep`

use scaleout_core::jobs::command;
use scaleout_core::jobs::run::Follow;
use scaleout_core::model::{Caller, IdSource as _, RandomIds, Role};
use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};
use scaleout_core::tsql::Interpreter;

use super::lookup::{self, filled, within};
use super::sp_add_job::created;
use crate::error::{CatalogError, JobError};
use crate::jobs::owner;
use crate::procedures::call::Call;
use crate::store::Session;
use crate::store::jobs::job::{self, JobRow};
use crate::store::jobs::proxy;
use crate::store::jobs::step::{self, StepRow};

/// What an action can be.
const ACTION: &str = "1 quit with success, 2 quit with failure, 3 next step or 4 go to a step";

/// Adds a step to a job.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    let step_uid = RandomIds.next_id();
    cx.write(move |session| {
        Box::pin(async move {
            let found = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            let steps = step::all(session, found.job_id).await?;
            let next = i64::try_from(steps.len()).unwrap_or(i64::MAX) + 1;
            let step_id = args.optional_integer("@step_id").unwrap_or(next);
            if !(1..=next).contains(&step_id) {
                return Err(JobError::Value {
                    parameter: "@step_id",
                    value: step_id.to_string(),
                    form: "a number from 1 to one more than there are steps",
                }
                .into());
            }
            let mut new = StepRow {
                job_id: found.job_id,
                step_id,
                step_uid,
                step_name: String::new(),
                subsystem: String::new(),
                command: None,
                success_code: 0,
                on_success_action: 1,
                on_success_step_id: 0,
                on_fail_action: 2,
                on_fail_step_id: 0,
                database_name: None,
                database_user_name: None,
                retry_attempts: 0,
                retry_interval: 0,
                output_file_name: None,
                flags: 0,
                proxy_id: None,
            };
            give(session, &mut new, &args).await?;
            check(session, &found, &new, &steps).await?;
            // A script adds steps in order, and may name steps that are still to come.
            if step_id < next {
                step::make_room(session, found.job_id, step_id).await?;
            }
            step::insert(session, &new).await?;
            // Counts the change.
            job::update(session, &found, now).await?;
            Ok(created("@step_uid", new.step_uid))
        })
    })
    .await
}

/// Sets what is given of a step.
pub async fn give(
    session: &mut Session,
    step: &mut StepRow,
    args: &BoundArguments,
) -> Result<(), CatalogError> {
    if let Some(name) = args.optional_text("@step_name") {
        step.step_name = name.trim().to_owned();
    }
    if let Some(name) = args.optional_text("@subsystem") {
        step.subsystem = subsystem(name)?.to_owned();
    }
    if let Some(text) = args.optional_text("@command") {
        step.command = Some(text.to_owned());
    }
    if let Some(text) = args.optional_text("@database_name") {
        step.database_name = filled(Some(text));
    }
    if let Some(text) = args.optional_text("@database_user_name") {
        step.database_user_name = filled(Some(text));
    }
    if let Some(text) = args.optional_text("@output_file_name") {
        step.output_file_name = filled(Some(text));
    }
    let whole = "a whole number that is not negative";
    for (parameter, place, range, form) in [
        (
            "@cmdexec_success_code",
            &mut step.success_code,
            i64::MIN..=i64::MAX,
            whole,
        ),
        (
            "@on_success_action",
            &mut step.on_success_action,
            1..=4,
            ACTION,
        ),
        (
            "@on_success_step_id",
            &mut step.on_success_step_id,
            0..=10_000,
            whole,
        ),
        ("@on_fail_action", &mut step.on_fail_action, 1..=4, ACTION),
        (
            "@on_fail_step_id",
            &mut step.on_fail_step_id,
            0..=10_000,
            whole,
        ),
        (
            "@retry_attempts",
            &mut step.retry_attempts,
            0..=9999,
            "a number from 0 to 9999",
        ),
        (
            "@retry_interval",
            &mut step.retry_interval,
            0..=9999,
            "minutes from 0 to 9999",
        ),
        (
            "@flags",
            &mut step.flags,
            0..=63,
            "a sum of 2, 4, 8, 16 and 32",
        ),
    ] {
        if let Some(given) = within(args, parameter, range, form)? {
            *place = given;
        }
    }
    if let Some(proxy) = lookup::optional_proxy(session, args).await? {
        step.proxy_id = Some(proxy.proxy_id);
    }
    Ok(())
}

/// The subsystem as it is stored.
fn subsystem(name: &str) -> Result<&'static str, JobError> {
    match name.trim().to_ascii_lowercase().as_str() {
        "tsql" => Ok("TSQL"),
        "ssis" | "dts" => Ok("SSIS"),
        "cmdexec" => Ok("CmdExec"),
        _ => Err(JobError::Value {
            parameter: "@subsystem",
            value: name.to_owned(),
            form: "TSQL, SSIS or CmdExec; PowerShell and the others have no counterpart here",
        }),
    }
}

/// What can be known of a step before it runs is refused here.
pub async fn check(
    session: &mut Session,
    job: &JobRow,
    step: &StepRow,
    others: &[StepRow],
) -> Result<(), CatalogError> {
    if step.step_name.is_empty() {
        return Err(JobError::Value {
            parameter: "@step_name",
            value: String::new(),
            form: "a name that is not blank",
        }
        .into());
    }
    let same = |other: &&StepRow| {
        other.step_uid != step.step_uid
            && other.step_name.to_lowercase() == step.step_name.to_lowercase()
    };
    if let Some(other) = others.iter().find(same) {
        return Err(JobError::Taken {
            kind: "step",
            name: other.step_name.clone(),
        }
        .into());
    }
    for (parameter, action, to) in [
        (
            "@on_success_step_id",
            step.on_success_action,
            step.on_success_step_id,
        ),
        (
            "@on_fail_step_id",
            step.on_fail_action,
            step.on_fail_step_id,
        ),
    ] {
        if Follow::from_numbers(action, to).is_none() || (action == 4 && to == step.step_id) {
            return Err(JobError::Value {
                parameter,
                value: to.to_string(),
                form: "the number of another step, with action 4",
            }
            .into());
        }
    }
    let text = step.command.as_deref().unwrap_or_default();
    match step.subsystem.as_str() {
        "SSIS" => drop(command::read(text).map_err(JobError::from)?),
        "TSQL" => {
            Interpreter::new(text).map_err(JobError::from)?;
        }
        _ if text.trim().is_empty() => {
            return Err(JobError::Value {
                parameter: "@command",
                value: String::new(),
                form: "a line for the shell",
            }
            .into());
        }
        _ => {}
    }
    let owner = match owner::caller(session, &job.owner_name).await {
        Ok(owner) => owner,
        // It may have no login yet; then it has no more than the least rights.
        Err(CatalogError::Job(_)) => Caller::new(job.owner_name.clone(), Role::Public),
        Err(error) => return Err(error),
    };
    may_run(session, &owner, step).await
}

/// Whether the owner of a job may run a step as it says.
pub async fn may_run(
    session: &mut Session,
    owner: &Caller,
    step: &StepRow,
) -> Result<(), CatalogError> {
    if owner.is_administrator() {
        return Ok(());
    }
    if let Some(id) = step.proxy_id
        && !proxy::allows(session, id, &owner.name).await?
    {
        let found = proxy::find(session, id).await?;
        return Err(JobError::ProxyNotAllowed {
            login: owner.name.clone(),
            proxy: found.map_or_else(|| id.to_string(), |proxy| proxy.name),
        }
        .into());
    }
    let catalog_only = match step.subsystem.as_str() {
        "TSQL" => true,
        "SSIS" => {
            let text = step.command.as_deref().unwrap_or_default();
            matches!(command::read(text), Ok(command::SsisCommand::Catalog(_)))
        }
        _ => false,
    };
    // What the catalog runs has the permissions of the catalog; the rest has those of a user.
    if step.proxy_id.is_none() && !catalog_only {
        return Err(JobError::ProxyNeeded {
            subsystem: if step.subsystem == "SSIS" {
                "SSIS"
            } else {
                "CmdExec"
            },
            login: owner.name.clone(),
        }
        .into());
    }
    match &step.output_file_name {
        Some(path) if path.contains(['/', '\\']) || path == ".." => {
            Err(JobError::OutputFile { path: path.clone() }.into())
        }
        _ => Ok(()),
    }
}
