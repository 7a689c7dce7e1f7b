//! `catalog.restore_project`

use scaleout_core::model::{ObjectType, OperationStatus, OperationType};
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::Call;
use super::get_project::project_stream;
use super::lookup::{self, ProjectName};
use crate::access::Rights;
use crate::error::{CatalogError, ProjectError};
use crate::store::operations::{self, NewOperation};
use crate::store::{Session, parameters, projects, versions};

/// Puts an earlier version in force again. Server values stay as they are now, as at a deployment,
/// unless all are to be cleared.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    let version = args.integer("@object_version_lsn");
    let reset = args.bit("@reset_parameters").unwrap_or(false);
    let (rights, now) = (cx.rights(), cx.now);
    let (file, cleared) = cx
        .write(move |session| {
            Box::pin(async move {
                let file = restore(session, &name, version, &rights, now).await?;
                let cleared = if reset {
                    parameters::clear_server_values(session, version).await?
                } else {
                    0
                };
                Ok((file, cleared))
            })
        })
        .await?;
    let mut result = project_stream(&file);
    let cleared = Value::from(cleared);
    result
        .outputs
        .insert("@parameters_reset".to_owned(), cleared);
    Ok(result)
}

async fn restore(
    session: &mut Session,
    name: &ProjectName,
    version: i64,
    rights: &Rights,
    now: jiff::Timestamp,
) -> Result<Vec<u8>, CatalogError> {
    let caller = rights.caller().name.as_str();
    let project = lookup::project(session, rights, name).await?;
    let missing = || ProjectError::VersionMissing {
        folder: project.folder_name.clone(),
        project: project.name.clone(),
        version,
    };
    let hash = versions::file_hash(session, project.project_id, version).await?;
    let hash = hash.ok_or_else(missing)?;
    let file = projects::file(session, &hash).await?.ok_or_else(missing)?;
    if version == project.object_version_lsn {
        return Err(ProjectError::VersionInForce {
            folder: project.folder_name,
            project: project.name,
            version,
        }
        .into());
    }
    parameters::carry_over(session, project.object_version_lsn, version).await?;
    versions::restore(session, project.project_id, version, caller, now).await?;
    let record = NewOperation {
        operation_type: OperationType::RestoreProject,
        status: OperationStatus::Succeeded,
        object: Some((ObjectType::Project, project.project_id)),
        object_name: Some(&project.name),
        caller,
        now,
    };
    operations::insert(session, &record).await?;
    Ok(file)
}
