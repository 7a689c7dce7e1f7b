//! Leases an execution to a worker and describes the task.

use jiff::Timestamp;
use scaleout_core::lease::Lease;
use scaleout_core::model::variable_value::type_from_name;
use scaleout_core::model::{LoggingLevel, ParameterScope};
use scaleout_core::protocol::task::{
    ParameterValue, PropertyOverride, TaskDescription, Validation,
};
use scaleout_core::protocol::worker::AttemptKey;
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::procedures::options::{SCALE_OUT_CHILD_PACKAGES, codes};
use crate::scheduling::Caps;
use crate::secrets::Keeper;
use crate::store::company::Company;
use crate::store::executions::{self, ExecutionRow};
use crate::store::jobs::command;
use crate::store::parameters::{self, Settled};
use crate::store::projects::ProjectRow;
use crate::store::queue::Grantable;
use crate::store::{Session, StoreError, attempts, children, data_taps, queue, versions};
use crate::validation;

impl Catalog {
    /// Leases a pending execution to a worker; `None` when someone else was faster, the execution
    /// no longer waits, or the worker may not have it (disabled, drained, not allowed, full, without a
    /// tag, a cap is reached).
    ///
    /// # Errors
    /// The database fails, or a secret cannot be decrypted.
    pub async fn grant_lease(
        &self,
        execution_id: i64,
        worker: Uuid,
        until: Timestamp,
    ) -> Result<Option<TaskDescription>, CatalogError> {
        let keeper = self.shared.keeper.clone();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write_in(Company::Grants, move |session| {
                Box::pin(async move {
                    let lease = Lease { worker, until };
                    grant(session, &keeper, execution_id, lease, now).await
                })
            })
            .await
    }
}

async fn grant(
    session: &mut Session,
    keeper: &Keeper,
    execution_id: i64,
    lease: Lease,
    now: Timestamp,
) -> Result<Option<TaskDescription>, CatalogError> {
    let Some(found) = queue::grantable(session, execution_id, lease.worker).await? else {
        return Ok(None);
    };
    let state = found.execution.state;
    let Ok(running) = state.grant(lease) else {
        return Ok(None);
    };
    if !may_have(session, &found, lease.worker).await? {
        return Ok(None);
    }
    let key = AttemptKey {
        execution_id,
        attempt: running.tally().attempts,
    };
    let task = describe(session, keeper, found, key).await?;
    // Last: what cannot be described writes nothing.
    let granted = attempts::grant(session, execution_id, state, running, now).await?;
    Ok(granted.then_some(task))
}

/// The scheduler planned with a snapshot; what changed since then counts.
async fn may_have(
    session: &mut Session,
    found: &Grantable,
    worker: Uuid,
) -> Result<bool, StoreError> {
    let execution = &found.execution;
    let Some(capacity) = &found.capacity else {
        return Ok(false);
    };
    let mut held = capacity.held;
    if capacity.most <= held && execution.parent_id.is_some() {
        // A package that waits for its children does not keep them from its slot.
        held = held.saturating_sub(children::waiting(session, worker).await?);
    }
    if capacity.most <= held || !capacity.tags.include(&found.required_tags) {
        return Ok(false);
    }
    let may_be_capped = found.caps_in_force || found.caps != Caps::default();
    if may_be_capped && !queue::is_below_caps(session, execution, &found.caps).await? {
        return Ok(false);
    }
    if execution.any_worker {
        return Ok(true);
    }
    let added = executions::added_workers(session, execution.execution_id).await?;
    Ok(added.contains(&worker))
}

async fn describe(
    session: &mut Session,
    keeper: &Keeper,
    found: Grantable,
    key: AttemptKey,
) -> Result<TaskDescription, CatalogError> {
    let id = key.execution_id;
    let execution = found.execution;
    let settled = parameters::settled(session, id).await?;
    let (logging_level, validation) = work(session, keeper, &execution, &settled).await?;
    let data_taps = match found.has_data_taps {
        true => data_taps::of_execution(session, id).await?,
        false => Vec::new(),
    };
    let property_overrides = match found.has_overrides {
        true => overrides(session, keeper, id).await?,
        false => Vec::new(),
    };
    let command = match found.has_command {
        true => command::find(session, id).await?,
        false => None,
    };
    let parent = match execution.parent_id {
        Some(_) => children::given(session, keeper, id).await?,
        None => children::Given::default(),
    };
    Ok(TaskDescription {
        execution_id: key.execution_id,
        attempt: key.attempt,
        folder_name: execution.folder_name,
        project_name: execution.project_name,
        package_name: execution.package_name,
        project_hash: execution.project_hash,
        project_parameters: values(session, &settled, ParameterScope::Project, keeper).await?,
        package_parameters: values(session, &settled, ParameterScope::Package, keeper).await?,
        property_overrides,
        command_line_configurations: None,
        logging_level,
        customized_level: found.customized_level,
        dump_on_error: option(&settled, "DUMP_ON_ERROR") == Some("True"),
        dump_on_codes: dump_codes(&settled),
        data_taps,
        validation,
        scale_out_children: option(&settled, SCALE_OUT_CHILD_PACKAGES) == Some("True"),
        parent_variables: parent.variables,
        depth: parent.depth,
        command,
        caller_name: execution.caller_name,
        package_password: versions::password(session, keeper, execution.project_lsn).await?,
    })
}

/// At which level to log, and what to validate instead of running.
async fn work(
    session: &mut Session,
    keeper: &Keeper,
    execution: &ExecutionRow,
    settled: &[Settled],
) -> Result<(LoggingLevel, Option<Validation>), CatalogError> {
    let id = execution.execution_id;
    if !execution.is_validation {
        let level = option(settled, "LOGGING_LEVEL")
            .and_then(|level| LoggingLevel::from_number(level.parse().ok()?));
        return Ok((level.unwrap_or_default(), None));
    }
    let project = ProjectRow {
        project_id: execution.project_id,
        name: execution.project_name.clone(),
        folder_name: execution.folder_name.clone(),
        object_version_lsn: execution.project_lsn,
        project_hash: execution.project_hash.clone(),
    };
    let validation = validation::describe(session, keeper, id, &project).await?;
    Ok((LoggingLevel::Basic, Some(validation)))
}

/// The codes count only where `DUMP_ON_EVENT` says so.
fn dump_codes(settled: &[Settled]) -> Vec<u32> {
    if option(settled, "DUMP_ON_EVENT") == Some("True") {
        option(settled, "DUMP_EVENT_CODE")
            .map(codes)
            .unwrap_or_default()
    } else {
        Vec::new()
    }
}

async fn overrides(
    session: &mut Session,
    keeper: &Keeper,
    execution_id: i64,
) -> Result<Vec<PropertyOverride>, StoreError> {
    let mut overrides = Vec::new();
    for (path, value, sensitive) in parameters::overrides(session, execution_id).await? {
        let value = value.reveal(session, keeper).await?;
        overrides.push(PropertyOverride {
            path,
            value: value.unwrap_or_default(),
            sensitive,
        });
    }
    Ok(overrides)
}

fn option<'s>(settled: &'s [Settled], name: &str) -> Option<&'s str> {
    settled
        .iter()
        .find(|option| option.scope == ParameterScope::Execution && option.name == name)
        .and_then(|option| option.value.plain.as_deref())
}

/// Values of one scope. The design default is the package's own, so it is not sent.
async fn values(
    session: &mut Session,
    settled: &[Settled],
    scope: ParameterScope,
    keeper: &Keeper,
) -> Result<Vec<ParameterValue>, StoreError> {
    let mut values = Vec::new();
    for parameter in settled.iter().filter(|parameter| parameter.scope == scope) {
        let data_type = type_from_name(&parameter.data_type);
        let value = if parameter.overrides_design {
            parameter.value.reveal(session, keeper).await?
        } else {
            None
        };
        values.push(ParameterValue {
            name: parameter.name.clone(),
            data_type: data_type.ok_or_else(|| StoreError::Damaged {
                column: "data_type".into(),
            })?,
            value,
            sensitive: parameter.sensitive,
        });
    }
    Ok(values)
}
