//! Child packages as executions of their own: started once for each place, awaited, stopped with
//! their parent.

use jiff::Timestamp;
use scaleout_core::lease::{Claim, Ending, ExecutionState, Rerun};
use scaleout_core::model::{ObjectType, OperationStatus, OperationType, ParameterScope};
use scaleout_core::protocol::child::{ChildEnd, ChildPackage, ChildStarted, StartChild};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::AttemptKey;
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::error::{CatalogError, ChildPackageError};
use crate::procedures::{owner_of_values, protect, seal_copies};
use crate::scheduling::{Caps, ChildSnapshot};
use crate::secrets::{Keeper, Owner};
use crate::store::children::{self, ChildKey};
use crate::store::executions::{self, ExecutionRow, NewExecution};
use crate::store::operations::{self, NewOperation};
use crate::store::queue::QueuePlace;
use crate::store::{Session, StoreError, packages, parameters, pending, queue};

/// Executions inside each other.
const DEEPEST: u32 = 16;
/// Children of one execution that have not ended.
const MOST_OPEN: u32 = 256;
/// Children that a plan looks at.
const MOST_PENDING: u32 = 500;
/// `message_type` of an information.
const INFORMATION: i16 = 70;

impl Catalog {
    /// Starts a child package of an execution that the worker holds, or finds the one that was
    /// started for the same place. It runs with the rights of who started the parent.
    ///
    /// # Errors
    /// [`CatalogError::StaleAttempt`] unless the worker holds the parent, the package is not in the
    /// parent's project, a [`ChildPackageError`], or the database fails.
    pub async fn start_child(
        &self,
        worker: Uuid,
        start: &StartChild,
    ) -> Result<ChildStarted, CatalogError> {
        let (start, keeper) = (start.clone(), self.shared.keeper.clone());
        let now = self.shared.clock.now();
        let execution_id = self
            .shared
            .store
            .write(move |session| {
                Box::pin(async move { start_child(session, &keeper, worker, &start, now).await })
            })
            .await?;
        Ok(ChildStarted { execution_id })
    }

    /// How a child has ended; `None` while it runs.
    ///
    /// # Errors
    /// [`CatalogError::StaleAttempt`] unless the worker holds the parent, the execution is none of
    /// its children, or the database fails.
    pub async fn child_end(
        &self,
        worker: Uuid,
        attempt: AttemptKey,
        execution_id: i64,
    ) -> Result<Option<ChildEnd>, CatalogError> {
        let mut session = self.shared.store.reader().await?;
        held_parent(&mut session, worker, attempt).await?;
        let parent_id = attempt.execution_id;
        let child = executions::find(&mut session, execution_id).await?;
        let child = child.filter(|child| child.parent_id == Some(parent_id));
        let child = child.ok_or(ChildPackageError::NotItsChild {
            execution_id,
            parent_id,
        })?;
        let ExecutionState::Ended(_, ending) = child.state else {
            return Ok(None);
        };
        let facts = children::facts(&mut session, execution_id).await?;
        Ok(Some(ChildEnd {
            execution_id,
            result: match ending {
                Ending::Succeeded => PackageResult::Success,
                Ending::Failed | Ending::EndedUnexpectedly => PackageResult::Failure,
                Ending::Canceled => PackageResult::Canceled,
            },
            worker: facts.worker,
            rows: facts.rows,
            errors: facts.errors,
            more_errors: facts.more_errors,
        }))
    }

    /// What a plan for child executions needs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn child_snapshot(&self) -> Result<ChildSnapshot, CatalogError> {
        let mut session = self.shared.store.reader().await?;
        let pending = pending::children(&mut session, MOST_PENDING).await?;
        let waiting = match pending.is_empty() {
            true => std::collections::BTreeMap::new(),
            false => children::waiting_by_worker(&mut session).await?,
        };
        Ok(ChildSnapshot { pending, waiting })
    }
}

/// The parent, if the worker holds the attempt in force.
pub(super) async fn held_parent(
    session: &mut Session,
    worker: Uuid,
    attempt: AttemptKey,
) -> Result<ExecutionRow, CatalogError> {
    let claim = Claim {
        worker,
        attempt: attempt.attempt,
    };
    let parent = executions::find(session, attempt.execution_id).await?;
    parent
        .filter(|parent| parent.state.is_held_by(claim))
        .ok_or(CatalogError::StaleAttempt {
            execution_id: attempt.execution_id,
            attempt: attempt.attempt,
        })
}

async fn start_child(
    session: &mut Session,
    keeper: &Keeper,
    worker: Uuid,
    start: &StartChild,
    now: Timestamp,
) -> Result<i64, CatalogError> {
    let parent = held_parent(session, worker, start.attempt).await?;
    let parent_id = parent.execution_id;
    let key = ChildKey {
        parent_id,
        retry: parent.state.tally().failures,
        path: &start.child.path,
        occurrence: start.child.occurrence,
    };
    if let Some(known) = children::find(session, key).await? {
        return Ok(known);
    }
    if parent.state.status() == OperationStatus::Stopping {
        return Err(ChildPackageError::ParentStops { parent_id }.into());
    }
    let depth = children::depth(session, parent_id).await? + 1;
    if DEEPEST < depth {
        return Err(ChildPackageError::TooDeep { most: DEEPEST }.into());
    }
    let open = children::open(session, parent_id).await?.len();
    if u32::try_from(open).map_or(true, |open| MOST_OPEN <= open) {
        let most = MOST_OPEN;
        return Err(ChildPackageError::TooMany { parent_id, most }.into());
    }
    let execution_id = create(session, keeper, &parent, &start.child, now).await?;
    let owner = owner_of_values(session, execution_id, parent.project_id).await?;
    let variables = sealed_variables(session, keeper, owner, &start.child).await?;
    let name = start.child.package_name.as_str();
    let expected_ms = children::expected_ms(session, parent.project_id, name).await?;
    children::place(session, execution_id, key, (depth, expected_ms), variables).await?;
    let pending = ExecutionState::Created
        .start()
        .map_err(|_| CatalogError::AlreadyStarted {
            id: execution_id,
            state: ExecutionState::Created,
        })?;
    let (priority, required_tags) = queue::standing(session, parent_id).await?;
    let place = QueuePlace {
        rerun: match parent.rerun {
            Rerun::Never => Rerun::Never,
            // What a lost worker held is run again in any case.
            Rerun::AfterFailures(_) => Rerun::AfterFailures(0),
        },
        // A key that its parent holds would keep a child waiting for its own parent.
        caps: Caps::default(),
        priority,
        folder: parent.folder_name,
        required_tags,
    };
    let states = (ExecutionState::Created, pending);
    queue::start(session, execution_id, states, &place, now).await?;
    Ok(execution_id)
}

/// The execution with what it has from its parent and the values of the bound parameters.
async fn create(
    session: &mut Session,
    keeper: &Keeper,
    parent: &ExecutionRow,
    child: &ChildPackage,
    now: Timestamp,
) -> Result<i64, CatalogError> {
    let found = packages::find(session, parent.project_lsn, &child.package_name).await?;
    let Some((package_name, _entry_point)) = found else {
        return Err(CatalogError::PackageMissing {
            folder: parent.folder_name.clone(),
            project: parent.project_name.clone(),
            package: child.package_name.clone(),
        });
    };
    let operation = NewOperation {
        operation_type: OperationType::Execution,
        status: OperationStatus::Created,
        object: Some((ObjectType::Project, parent.project_id)),
        object_name: None,
        caller: &parent.caller_name,
        now,
    };
    let execution_id = operations::insert(session, &operation).await?;
    let new = NewExecution {
        execution_id,
        folder_name: parent.folder_name.clone(),
        project_name: parent.project_name.clone(),
        package_name,
        project_id: parent.project_id,
        project_lsn: parent.project_lsn,
        project_hash: parent.project_hash.clone(),
        use32bitruntime: false,
        run_in_scale_out: parent.run_in_scale_out,
        any_worker: parent.any_worker,
        environment: None,
        defaults: None,
    };
    executions::insert(session, &new).await?;
    children::copy_from_parent(session, parent, execution_id, &new.package_name).await?;
    let owner = owner_of_values(session, execution_id, parent.project_id).await?;
    seal_copies(session, keeper, execution_id, owner).await?;
    for bound in &child.parameters {
        set_bound(session, keeper, (execution_id, owner), bound).await?;
    }
    Ok(execution_id)
}

async fn set_bound(
    session: &mut Session,
    keeper: &Keeper,
    (execution_id, owner): (i64, Owner),
    bound: &scaleout_core::protocol::task::ParameterValue,
) -> Result<(), CatalogError> {
    // Without a value the design default stays.
    let Some(value) = &bound.value else {
        return Ok(());
    };
    let scope = ParameterScope::Package;
    let declared = parameters::find_of_execution(session, execution_id, scope, &bound.name);
    let Some(declared) = declared.await? else {
        return Err(CatalogError::ParameterMissing {
            owner: format!("execution {execution_id}"),
            scope,
            name: bound.name.clone(),
            known: parameters::names_of_execution(session, execution_id, scope).await?,
            elsewhere: Vec::new(),
        });
    };
    let sensitive = declared.sensitive || bound.sensitive;
    let stored = protect(session, keeper, owner, value.clone(), sensitive).await?;
    parameters::set_execution_value(session, declared.id, stored).await?;
    Ok(())
}

/// Variables may hold what is secret, and nobody says which.
async fn sealed_variables(
    session: &mut Session,
    keeper: &Keeper,
    owner: Owner,
    child: &ChildPackage,
) -> Result<Option<Vec<u8>>, StoreError> {
    if child.variables.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(&child.variables).map_err(|_| StoreError::Damaged {
        column: "parent_variables".into(),
    })?;
    keeper.seal(session, owner, &text).await.map(Some)
}

/// Stops the children of an execution that have not ended, and theirs: nobody waits for them any
/// more.
pub async fn stop_children(
    session: &mut Session,
    parent_id: i64,
    by: Option<&str>,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let mut parents = vec![parent_id];
    while let Some(parent_id) = parents.pop() {
        for child in children::open(session, parent_id).await? {
            let id = child.execution_id;
            if child.has_children {
                parents.push(id);
            }
            // Refused only where it stops already.
            let Ok(next) = child.state.request_stop() else {
                continue;
            };
            if !executions::move_state(session, id, child.state, next, now).await? {
                continue;
            }
            if let Some(by) = by {
                executions::set_stopped_by(session, id, by).await?;
            }
            let text = format!("It is stopped with its parent, execution {parent_id}.");
            operations::add_message(session, id, None, INFORMATION, &text, now).await?;
        }
    }
    Ok(())
}
