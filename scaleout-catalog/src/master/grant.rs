//! Leases executions to workers and describes the tasks.

use std::collections::HashMap;

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
use crate::store::attempts::Grant;
use crate::store::company::Company;
use crate::store::executions::{self, ExecutionRow};
use crate::store::jobs::command;
use crate::store::parameters::{self, Settled};
use crate::store::projects::ProjectRow;
use crate::store::queue::Grantable;
use crate::store::{Dialect, Session, StoreError, attempts, children, data_taps, queue, versions};
use crate::validation;

/// Who is to have which execution, and for how long at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The execution.
    pub execution_id: i64,
    /// Who is to have it.
    pub worker: Uuid,
    /// The end of the lease.
    pub until: Timestamp,
}

impl Proposal {
    fn lease(&self) -> Lease {
        Lease {
            worker: self.worker,
            until: self.until,
        }
    }
}

impl Catalog {
    /// Leases pending executions to workers, all with one commit. In the place of each its task; `None`
    /// when someone else was faster, the execution no longer waits, or the worker may not have it
    /// (disabled, drained, not allowed, full, without a tag, a cap is reached).
    ///
    /// # Errors
    /// The database fails, or a secret of one of them cannot be decrypted: nothing was leased.
    pub async fn grant_leases(
        &self,
        proposals: Vec<Proposal>,
    ) -> Result<Vec<Option<TaskDescription>>, CatalogError> {
        let keeper = self.shared.keeper.clone();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write_in(Company::Grants, move |session| {
                Box::pin(async move { grant_all(session, &keeper, &proposals, now).await })
            })
            .await
    }
}

/// Together, as long as that takes fewer statements and what is granted changes nothing for the others
/// but the slots that are left; else one after the other.
async fn grant_all(
    session: &mut Session,
    keeper: &Keeper,
    proposals: &[Proposal],
    now: Timestamp,
) -> Result<Vec<Option<TaskDescription>>, CatalogError> {
    if session.dialect() == Dialect::Postgres {
        let found = find(session, proposals).await?;
        if found.iter().flatten().all(is_plain) {
            return grant(session, keeper, proposals, found, now).await;
        }
    }
    let mut granted = Vec::with_capacity(proposals.len());
    for proposal in proposals {
        let one = std::slice::from_ref(proposal);
        let found = find(session, one).await?;
        granted.extend(grant(session, keeper, one, found, now).await?);
    }
    Ok(granted)
}

async fn find(
    session: &mut Session,
    proposals: &[Proposal],
) -> Result<Vec<Option<Grantable>>, StoreError> {
    let wanted = proposals.iter().map(|one| (one.execution_id, one.worker));
    queue::grantable(session, &wanted.collect::<Vec<_>>()).await
}

/// Whether nothing that is granted beside it counts for it but the slots of its worker.
fn is_plain(found: &Grantable) -> bool {
    !may_be_capped(found) && found.execution.parent_id.is_none()
}

fn may_be_capped(found: &Grantable) -> bool {
    found.caps_in_force || found.caps != Caps::default()
}

/// Grants those that were found, each in the place of its proposal.
async fn grant(
    session: &mut Session,
    keeper: &Keeper,
    proposals: &[Proposal],
    found: Vec<Option<Grantable>>,
    now: Timestamp,
) -> Result<Vec<Option<TaskDescription>>, CatalogError> {
    let ids: Vec<i64> = found
        .iter()
        .flatten()
        .map(|one| one.execution.execution_id)
        .collect();
    let mut settled = parameters::settled(session, &ids).await?;
    // Of each worker, how many of these.
    let mut taken: HashMap<Uuid, u32> = HashMap::new();
    let mut tasks = Vec::with_capacity(proposals.len());
    let mut grants: Vec<Grant> = Vec::with_capacity(proposals.len());
    for (proposal, found) in proposals.iter().zip(found) {
        let (id, worker) = (proposal.execution_id, proposal.worker);
        let found = found.filter(|_| grants.iter().all(|one| one.execution_id != id));
        let Some(found) = found else {
            tasks.push(None);
            continue;
        };
        let from = found.execution.state;
        let taken = taken.entry(worker).or_default();
        let may_have = may_have(session, &found, worker, *taken).await?;
        let (Ok(to), true) = (from.grant(proposal.lease()), may_have) else {
            tasks.push(None);
            continue;
        };
        *taken += 1;
        let key = AttemptKey {
            execution_id: id,
            attempt: to.tally().attempts,
        };
        let settled = settled.remove(&id).unwrap_or_default();
        tasks.push(Some(describe(session, keeper, found, &settled, key).await?));
        grants.push(Grant {
            execution_id: id,
            from,
            to,
        });
    }
    if grants.is_empty() {
        return Ok(tasks);
    }
    // Last: what cannot be described writes nothing.
    let granted = attempts::grant(session, &grants, now).await?;
    let is_granted = |task: &TaskDescription| granted.contains(&task.execution_id);
    Ok(tasks
        .into_iter()
        .map(|task| task.filter(is_granted))
        .collect())
}

/// The scheduler planned with a snapshot; what changed since then counts, and so does what the same
/// worker is going to have beside it.
async fn may_have(
    session: &mut Session,
    found: &Grantable,
    worker: Uuid,
    taken: u32,
) -> Result<bool, StoreError> {
    let execution = &found.execution;
    let Some(capacity) = &found.capacity else {
        return Ok(false);
    };
    let mut held = capacity.held.saturating_add(taken);
    if capacity.most <= held && execution.parent_id.is_some() {
        // A package that waits for its children does not keep them from its slot.
        held = held.saturating_sub(children::waiting(session, worker).await?);
    }
    if capacity.most <= held || !capacity.tags.include(&found.required_tags) {
        return Ok(false);
    }
    if may_be_capped(found) && !queue::is_below_caps(session, execution, &found.caps).await? {
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
    settled: &[Settled],
    key: AttemptKey,
) -> Result<TaskDescription, CatalogError> {
    let id = key.execution_id;
    let execution = found.execution;
    let (logging_level, validation) = work(session, keeper, &execution, settled).await?;
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
        project_parameters: values(session, settled, ParameterScope::Project, keeper).await?,
        package_parameters: values(session, settled, ParameterScope::Package, keeper).await?,
        property_overrides,
        command_line_configurations: None,
        logging_level,
        customized_level: found.customized_level,
        dump_on_error: option(settled, "DUMP_ON_ERROR") == Some("True"),
        dump_on_codes: dump_codes(settled),
        data_taps,
        validation,
        scale_out_children: option(settled, SCALE_OUT_CHILD_PACKAGES) == Some("True"),
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
