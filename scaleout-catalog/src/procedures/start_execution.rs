//! `catalog.start_execution`

use std::collections::BTreeMap;

use scaleout_core::lease::Rerun;
use scaleout_core::model::{LoggingLevel, ParameterScope, Securable};
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::{logging_level, lookup, options};
use crate::access::Rights;
use crate::error::{CatalogError, DiagnosticsError, EnvironmentError, SchedulingError};
use crate::scheduling::{Caps, KeyCap};
use crate::store::executions::ExecutionRow;
use crate::store::queue::{self, QueuePlace};
use crate::store::starting::Standing;
use crate::store::{Session, environments, executions, folders, logging_levels, projects};

/// Starts an execution. With the option `SYNCHRONIZED` it returns only when the execution has ended.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@execution_id");
    let retries = retries(args)?;
    let (rights, now) = (cx.rights(), cx.now);
    // Subscribed before the start, so that the ending cannot be missed.
    let mut endings = cx.shared.bells.endings.subscribe();
    let synchronized = cx
        .write_start(Some(id), move |session| {
            Box::pin(async move { start(session, &rights, id, retries, now).await })
        })
        .await?;
    while synchronized && !has_ended(cx, id).await? {
        if endings.changed().await.is_err() {
            break;
        }
    }
    Ok(done())
}

fn retries(args: &BoundArguments) -> Result<u32, CatalogError> {
    u32::try_from(args.integer("@retry_count")).map_err(|_| CatalogError::ValueNotValid {
        name: "@retry_count".into(),
        reason: "it is negative".into(),
        form: "how often a failed package is run again, such as 3, or 0 for never",
    })
}

/// Starts it, in the transaction of the caller. Returns whether the caller wants to wait for the end.
pub async fn start(
    session: &mut Session,
    rights: &Rights,
    id: i64,
    retries: u32,
    now: jiff::Timestamp,
) -> Result<bool, CatalogError> {
    let (execution, parameters) = lookup::to_start(session, rights, id).await?;
    check_startable(session, &execution, &parameters).await?;
    check_rights(session, rights, &execution).await?;
    let options = options_of(parameters);
    settle_logging(session, id, &options).await?;
    let place = place(&execution, retries, &options)?;
    let pending = execution
        .state
        .start()
        .map_err(|why| lookup::refused(id, execution.state, why))?;
    if !queue::start(session, id, (execution.state, pending), &place, now).await? {
        let state = lookup::execution(session, rights, id).await?.state;
        return Err(CatalogError::AlreadyStarted { id, state });
    }
    Ok(is_true(&options, "SYNCHRONIZED"))
}

fn is_true(options: &BTreeMap<String, String>, name: &str) -> bool {
    options.get(name).is_some_and(|value| value == "True")
}

/// How the execution stands in the queue; retries count in Scale Out only.
fn place(
    execution: &ExecutionRow,
    retries: u32,
    options: &BTreeMap<String, String>,
) -> Result<QueuePlace, SchedulingError> {
    let id = execution.execution_id;
    let retries = if execution.run_in_scale_out {
        retries
    } else {
        0
    };
    let rerun = match (is_true(options, options::AT_MOST_ONCE), retries) {
        (true, 0) => Rerun::Never,
        (true, retries) => return Err(SchedulingError::RetriesAtMostOnce { id, retries }),
        (false, retries) => Rerun::AfterFailures(retries),
    };
    let text = |name: &str| options.get(name).filter(|text| !text.trim().is_empty());
    let number = |name: &str| text(name).and_then(|text| text.parse::<u32>().ok());
    let key = text(options::CONCURRENCY_KEY).map(|key| KeyCap {
        key: key.clone(),
        limit: number(options::CONCURRENCY_LIMIT).unwrap_or(1),
    });
    Ok(QueuePlace {
        rerun,
        priority: text(options::PRIORITY)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0),
        folder: execution.folder_name.clone(),
        required_tags: text(options::WORKER_TAGS).cloned().unwrap_or_default(),
        caps: Caps {
            package_limit: number(options::PACKAGE_LIMIT).filter(|limit| 0 < *limit),
            key,
        },
    })
}

/// The options that have a value, by name.
fn options_of(parameters: Vec<Standing>) -> BTreeMap<String, String> {
    parameters
        .into_iter()
        .filter(|one| one.scope == ParameterScope::Execution)
        .filter_map(|one| Some((one.name, one.option?)))
        .collect()
}

fn names_of(parameters: &[Standing], which: impl Fn(&Standing) -> bool) -> Vec<String> {
    let chosen = parameters.iter().filter(|one| which(one));
    chosen.map(|one| one.name.clone()).collect()
}

async fn check_startable(
    session: &mut Session,
    execution: &ExecutionRow,
    parameters: &[Standing],
) -> Result<(), CatalogError> {
    let id = execution.execution_id;
    let current = projects::current_version(session, execution.project_id).await?;
    if current != Some(execution.project_lsn) {
        return Err(CatalogError::Outdated {
            id,
            project: execution.project_name.clone(),
        });
    }
    let names = names_of(parameters, |one| one.required && !one.value_set);
    if !names.is_empty() {
        return Err(CatalogError::ValuesMissing { id, names });
    }
    let parameters = names_of(parameters, |one| one.is_bound && !one.value_set);
    if !parameters.is_empty() {
        return Err(EnvironmentError::ReferenceNeeded {
            execution_id: id,
            parameters,
        }
        .into());
    }
    if !execution.any_worker && executions::added_workers(session, id).await?.is_empty() {
        return Err(CatalogError::NoWorkerAllowed { id });
    }
    Ok(())
}

/// Who may have lost a permission since it was created does not start it. An environment that is
/// gone needs none: its values were copied.
async fn check_rights(
    session: &mut Session,
    rights: &Rights,
    execution: &ExecutionRow,
) -> Result<(), CatalogError> {
    if rights.caller().is_administrator() {
        return Ok(());
    }
    let missing = || CatalogError::ProjectMissing {
        folder: execution.folder_name.clone(),
        project: execution.project_name.clone(),
    };
    let project = (Securable::Project, execution.project_id);
    rights
        .check(session, project, &execution.project_name, missing)
        .await?;
    let Some((folder, name)) = executions::environment(session, execution.execution_id).await?
    else {
        return Ok(());
    };
    let Some(folder_id) = folders::find(session, &folder).await? else {
        return Ok(());
    };
    let Some(found) = environments::find(session, folder_id, &name).await? else {
        return Ok(());
    };
    let environment = (Securable::Environment, found.environment_id);
    let missing = || {
        let environment = name.clone();
        EnvironmentError::EnvironmentMissing {
            folder,
            environment,
        }
        .into()
    };
    rights.check(session, environment, &name, missing).await
}

/// Keeps what a customized level logs now: whoever changes it later changes other executions only.
async fn settle_logging(
    session: &mut Session,
    id: i64,
    options: &BTreeMap<String, String>,
) -> Result<(), CatalogError> {
    let level = options.get("LOGGING_LEVEL");
    let level = level.and_then(|level| LoggingLevel::from_number(level.parse().ok()?));
    if level != Some(LoggingLevel::Customized) {
        return Ok(());
    }
    let option = options::CUSTOMIZED_LOGGING_LEVEL;
    match options.get(option) {
        Some(name) if !name.is_empty() => {
            let level = logging_level::find(session, name).await?;
            Ok(logging_levels::settle(session, id, &level).await?)
        }
        _ => Err(DiagnosticsError::LevelNotNamed { option }.into()),
    }
}

async fn has_ended(cx: &Call<'_>, id: i64) -> Result<bool, CatalogError> {
    let mut session = cx.shared.store.reader_of_few().await?;
    let execution = executions::find(&mut session, id).await?;
    Ok(execution.is_none_or(|execution| execution.state.status().is_terminal()))
}
