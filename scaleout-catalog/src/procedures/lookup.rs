//! Finds what arguments name, or says that it is not there.

use scaleout_core::lease::{ExecutionState, Refused};
use scaleout_core::model::Securable;
use scaleout_core::registry::BoundArguments;

use crate::access::Rights;
use crate::error::CatalogError;
use crate::store::executions::{self, ExecutionRow};
use crate::store::projects::{self, ProjectRow};
use crate::store::starting::{self, Standing};
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

/// The id of a folder, on which the call may do what it declares.
pub async fn folder(
    session: &mut Session,
    rights: &Rights,
    name: &str,
) -> Result<i64, CatalogError> {
    let missing = || CatalogError::FolderMissing {
        name: name.to_owned(),
    };
    let id = folders::find(session, name).await?.ok_or_else(missing)?;
    rights
        .check(session, (Securable::Folder, id), name, missing)
        .await?;
    Ok(id)
}

/// The folder around an object that a call names. Whether it may be known is decided by the object.
pub async fn folder_around(session: &mut Session, name: &str) -> Result<i64, CatalogError> {
    folders::find(session, name)
        .await?
        .ok_or_else(|| CatalogError::FolderMissing {
            name: name.to_owned(),
        })
}

/// What is said when something is missing in a folder: the folder is, too, for who may not know it.
pub async fn missing_in(
    session: &mut Session,
    rights: &Rights,
    (folder_id, folder): (i64, &str),
    missing: CatalogError,
) -> Result<CatalogError, CatalogError> {
    if rights.knows(session, Securable::Folder, folder_id).await? {
        return Ok(missing);
    }
    Ok(CatalogError::FolderMissing {
        name: folder.to_owned(),
    })
}

/// A project, on which the call may do what it declares.
pub async fn project(
    session: &mut Session,
    rights: &Rights,
    name: &ProjectName,
) -> Result<ProjectRow, CatalogError> {
    let folder_id = folder_around(session, &name.folder).await?;
    let missing = missing_in(session, rights, (folder_id, &name.folder), name.missing()).await?;
    let Some(row) = projects::find(session, folder_id, &name.project).await? else {
        return Err(missing);
    };
    let project = (Securable::Project, row.project_id);
    rights
        .check(session, project, &row.name, || missing)
        .await?;
    Ok(row)
}

/// An execution that the call may change.
pub async fn execution(
    session: &mut Session,
    rights: &Rights,
    id: i64,
) -> Result<ExecutionRow, CatalogError> {
    let found = executions::find(session, id).await?;
    changeable(session, rights, id, found).await
}

/// What was found of an operation, if the call may change it.
async fn changeable<T>(
    session: &mut Session,
    rights: &Rights,
    id: i64,
    found: Option<T>,
) -> Result<T, CatalogError> {
    let missing = || CatalogError::OperationMissing { id };
    let found = found.ok_or_else(missing)?;
    let operation = (Securable::Operation, id);
    rights
        .check(session, operation, &id.to_string(), missing)
        .await?;
    Ok(found)
}

fn not_started(row: ExecutionRow) -> Result<ExecutionRow, CatalogError> {
    match row.state {
        ExecutionState::Created => Ok(row),
        state => Err(CatalogError::AlreadyStarted {
            id: row.execution_id,
            state,
        }),
    }
}

/// An execution that the call may change and that was not started; nobody starts it before the end of
/// the transaction.
pub async fn unstarted(
    session: &mut Session,
    rights: &Rights,
    id: i64,
) -> Result<ExecutionRow, CatalogError> {
    executions::lock(session, &[id]).await?;
    not_started(execution(session, rights, id).await?)
}

/// The same, with how its parameters and options stand.
pub async fn to_start(
    session: &mut Session,
    rights: &Rights,
    id: i64,
) -> Result<(ExecutionRow, Vec<Standing>), CatalogError> {
    let found = starting::to_start(session, id).await?;
    let (row, standing) = changeable(session, rights, id, found).await?;
    Ok((not_started(row)?, standing))
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
