//! Finds what arguments name, or says that it is not there.

use scaleout_core::lease::{ExecutionState, Refused};
use scaleout_core::model::Caller;
use scaleout_core::registry::BoundArguments;

use crate::access;
use crate::error::CatalogError;
use crate::store::executions::{self, ExecutionRow};
use crate::store::projects::{self, ProjectRow};
use crate::store::{Session, folders};

/// `@folder_name` and `@project_name` of a call.
#[derive(Clone, Debug)]
pub struct ProjectName {
    /// The folder.
    pub folder: String,
    /// The project.
    pub project: String,
}

impl ProjectName {
    /// From the arguments of a call.
    pub fn of(args: &BoundArguments) -> Self {
        Self {
            folder: args.text("@folder_name").to_owned(),
            project: args.text("@project_name").to_owned(),
        }
    }

    /// The error when there is no such project.
    pub fn missing(&self) -> CatalogError {
        CatalogError::ProjectMissing {
            folder: self.folder.clone(),
            project: self.project.clone(),
        }
    }
}

/// The id of a folder.
pub async fn folder(session: &mut Session, name: &str) -> Result<i64, CatalogError> {
    folders::find(session, name)
        .await?
        .ok_or_else(|| CatalogError::FolderMissing {
            name: name.to_owned(),
        })
}

/// A project.
pub async fn project(
    session: &mut Session,
    name: &ProjectName,
) -> Result<ProjectRow, CatalogError> {
    let folder_id = folder(session, &name.folder).await?;
    projects::find(session, folder_id, &name.project)
        .await?
        .ok_or_else(|| name.missing())
}

/// An execution that the caller may change.
pub async fn execution(
    session: &mut Session,
    caller: &Caller,
    id: i64,
) -> Result<ExecutionRow, CatalogError> {
    let row = executions::find(session, id)
        .await?
        .ok_or(CatalogError::OperationMissing { id })?;
    access::check_operation(caller, id, &row.caller_name)?;
    Ok(row)
}

/// An execution that the caller may change and that was not started.
pub async fn unstarted(
    session: &mut Session,
    caller: &Caller,
    id: i64,
) -> Result<ExecutionRow, CatalogError> {
    let row = execution(session, caller, id).await?;
    match row.state {
        ExecutionState::Created => Ok(row),
        state => Err(CatalogError::AlreadyStarted { id, state }),
    }
}

/// A refused move of a user's request as the error that the user gets; `state` is what was to be moved.
pub fn refused(id: i64, state: ExecutionState, why: Refused) -> CatalogError {
    match why {
        Refused::AlreadyStopped => CatalogError::AlreadyStopped { id, state },
        Refused::AlreadyStarted | Refused::NotPending | Refused::Stale | Refused::NotExpired => {
            CatalogError::AlreadyStarted { id, state }
        }
    }
}
