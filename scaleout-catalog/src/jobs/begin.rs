//! The beginning of a step: an execution, a command for a worker, or a script for this master.

use jiff::{SignedDuration, Timestamp};
use scaleout_core::jobs::command::{self, CatalogPackage, SsisCommand};
use scaleout_core::lease::ExecutionState;
use scaleout_core::model::{Caller, OperationStatus, OperationType, ParameterScope};
use scaleout_core::protocol::task::{CommandKind, TaskCommand};
use scaleout_core::registry::procedures::{
    CREATE_EXECUTION, SET_EXECUTION_PARAMETER_VALUE, SET_EXECUTION_PROPERTY_OVERRIDE_VALUE,
    START_EXECUTION,
};
use serde_json::Value;
use uuid::Uuid;

use super::owner;
use crate::access::Rights;
use crate::error::{CatalogError, JobError};
use crate::procedures::create_execution::{self, Wanted};
use crate::procedures::lookup::ProjectName;
use crate::procedures::msdb::may_run;
use crate::procedures::{
    set_execution_parameter_value, set_execution_property_override_value, start_execution,
};
use crate::secrets::Keeper;
use crate::store::Session;
use crate::store::executions::{self, NewExecution};
use crate::store::jobs::job::JobRow;
use crate::store::jobs::run::Held;
use crate::store::jobs::step::StepRow;
use crate::store::jobs::{self, proxy};
use crate::store::operations::{self, NewOperation};

/// For how long a master has a script before it must say that it still runs it.
pub const SCRIPT_LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Begins a step in the transaction of the caller, and says what it waits for.
pub async fn begin(
    session: &mut Session,
    keeper: &Keeper,
    (job, step): (&JobRow, &StepRow),
    runner: Uuid,
    now: Timestamp,
) -> Result<Held, CatalogError> {
    let owner = owner::caller(session, &job.owner_name).await?;
    // What it was allowed when it was written may be taken away since.
    may_run(session, &owner, step).await?;
    let text = step.command.as_deref().unwrap_or_default();
    match step.subsystem.as_str() {
        "TSQL" => Ok(Held::Master(runner, now + SCRIPT_LEASE)),
        "SSIS" => match command::read(text).map_err(JobError::from)? {
            SsisCommand::Catalog(package) => {
                let id = execution(session, keeper, job, &owner, package, now).await?;
                Ok(Held::Operation(id))
            }
            SsisCommand::Dtexec(words) => {
                let kind = CommandKind::Dtexec(words);
                Ok(Held::Operation(
                    on_worker(session, (job, step), &owner, kind, now).await?,
                ))
            }
        },
        _ => {
            let kind = CommandKind::Shell(text.to_owned());
            Ok(Held::Operation(
                on_worker(session, (job, step), &owner, kind, now).await?,
            ))
        }
    }
}

/// Creates and starts an execution as the owner of the job.
async fn execution(
    session: &mut Session,
    keeper: &Keeper,
    job: &JobRow,
    owner: &Caller,
    package: CatalogPackage,
    now: Timestamp,
) -> Result<i64, CatalogError> {
    let wanted = Wanted {
        name: ProjectName {
            folder: package.folder,
            project: package.project,
        },
        package: package.package,
        reference_id: package.reference,
        use32bitruntime: package.use32bit,
        // A named worker is a matter of Scale Out; otherwise the catalog's default counts.
        scale_out: job.target_worker.map(|_| true),
        any_worker: job.target_worker.is_none(),
    };
    let rights = Rights::of(owner, &CREATE_EXECUTION);
    let id = create_execution::create(session, &wanted, keeper, &rights, now).await?;
    if let Some(worker) = job.target_worker {
        executions::allow_worker(session, id, worker).await?;
    }
    let rights = Rights::of(owner, &SET_EXECUTION_PARAMETER_VALUE);
    for value in package.values {
        // A step waits for its package whatever the option says, and must not wait in here.
        if value.object_type == 50 && value.name.eq_ignore_ascii_case("SYNCHRONIZED") {
            continue;
        }
        let scope = ParameterScope::from_number(value.object_type);
        let scope = scope.unwrap_or(ParameterScope::Package);
        set_execution_parameter_value::set(
            session,
            &rights,
            keeper,
            id,
            scope,
            &value.name,
            &Value::String(value.value),
        )
        .await?;
    }
    let rights = Rights::of(owner, &SET_EXECUTION_PROPERTY_OVERRIDE_VALUE);
    for wanted in package.overrides {
        set_execution_property_override_value::set(session, &rights, keeper, id, wanted).await?;
    }
    let rights = Rights::of(owner, &START_EXECUTION);
    start_execution::start(session, &rights, id, 0, now).await?;
    Ok(id)
}

/// A command for a worker: an operation that is leased as executions are.
async fn on_worker(
    session: &mut Session,
    (job, step): (&JobRow, &StepRow),
    owner: &Caller,
    kind: CommandKind,
    now: Timestamp,
) -> Result<i64, CatalogError> {
    let user = match step.proxy_id {
        None => None,
        Some(id) => {
            let found = proxy::find(session, id).await?;
            let usable = found.filter(|proxy| proxy.enabled);
            let missing = || JobError::Missing {
                kind: "proxy",
                name: format!("{id}, or it is disabled"),
            };
            Some(usable.ok_or_else(missing)?.user_name)
        }
    };
    let label = format!("{}, step {} ({})", job.name, step.step_id, step.step_name);
    let operation = NewOperation {
        operation_type: OperationType::JobCommand,
        status: OperationStatus::Created,
        object: None,
        object_name: Some(&label),
        caller: &owner.name,
        now,
    };
    let id = operations::insert(session, &operation).await?;
    let new = NewExecution {
        execution_id: id,
        folder_name: String::new(),
        project_name: String::new(),
        package_name: label.clone(),
        project_id: 0,
        project_lsn: 0,
        project_hash: String::new(),
        use32bitruntime: false,
        run_in_scale_out: true,
        any_worker: job.target_worker.is_none(),
        environment: None,
        defaults: None,
    };
    executions::insert(session, &new).await?;
    if let Some(worker) = job.target_worker {
        executions::allow_worker(session, id, worker).await?;
    }
    let command = TaskCommand {
        kind,
        user,
        success_code: step.success_code,
        output_file: step.output_file_name.clone(),
        append: step.flags & 2 != 0,
    };
    jobs::command::insert(session, id, &command).await?;
    let created = ExecutionState::Created;
    if let Ok(pending) = created.start() {
        executions::move_state(session, id, created, pending, now).await?;
    }
    Ok(id)
}
