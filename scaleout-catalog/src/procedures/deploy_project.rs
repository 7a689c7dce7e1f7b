//! `catalog.deploy_project`

use scaleout_core::model::{ObjectType, OperationStatus, OperationType};
use scaleout_core::package::project::Project;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done_with};
use super::lookup::{self, ProjectName};
use crate::access;
use crate::deployment::{Contents, read_project};
use crate::error::CatalogError;
use crate::hex::sha256_hex;
use crate::store::operations::{self, NewOperation};
use crate::store::projects::{self, NewVersion};
use crate::store::{Session, packages, parameters};

/// Everything a deployment writes.
struct Deployment {
    folder: String,
    version: NewVersion,
    contents: Contents,
    file: Vec<u8>,
}

/// Stores an `.ispac` as a new project or as the next version of an existing one.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    access::check_change_project(cx.caller)?;
    let name = ProjectName::of(args);
    check_name("project", &name.project)?;
    let file = args.bytes("@project_stream").to_vec();
    let asked = name.project.clone();
    let (project, file) = read_apart(asked, file).await?;
    if project.name.to_lowercase() != name.project.to_lowercase() {
        return Err(CatalogError::ProjectNameDiffers {
            asked: name.project,
            inside: project.name,
        });
    }
    let deployment = Deployment {
        folder: name.folder,
        version: NewVersion {
            name: name.project,
            description: project.description.clone(),
            format_version: project.format_version,
            project_hash: sha256_hex(&file),
            deployer: cx.caller.name.clone(),
            now: cx.now,
        },
        contents: Contents::of(&project, &cx.shared.keeper)?,
        file,
    };
    let operation_id = cx
        .write(move |session| Box::pin(async move { store(session, deployment).await }))
        .await?;
    Ok(done_with("@operation_id", operation_id))
}

/// Reads the project on a thread that may take its time.
async fn read_apart(name: String, file: Vec<u8>) -> Result<(Project, Vec<u8>), CatalogError> {
    let reading = tokio::task::spawn_blocking(move || {
        let project = read_project(&name, &file)?;
        Ok((project, file))
    });
    match reading.await {
        Ok(read) => read,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only when the program ends.
            Err(_) => Err(crate::store::StoreError::Closed.into()),
        },
    }
}

async fn store(session: &mut Session, deployment: Deployment) -> Result<i64, CatalogError> {
    let Deployment {
        folder,
        version: new,
        contents,
        file,
    } = deployment;
    let folder_id = lookup::folder(session, &folder).await?;
    let existing = projects::find(session, folder_id, &new.name).await?;
    projects::put_file(session, &new.project_hash, file).await?;
    let existing_id = existing.as_ref().map(|project| project.project_id);
    let (project_id, version) =
        projects::put_version(session, folder_id, existing_id, &new).await?;
    packages::insert(session, project_id, version, &contents.packages).await?;
    parameters::insert(session, project_id, version, contents.parameters).await?;
    if let Some(earlier) = existing {
        parameters::carry_over(session, earlier.object_version_lsn, version).await?;
    }
    let record = NewOperation {
        operation_type: OperationType::DeployProject,
        status: OperationStatus::Succeeded,
        object: Some((ObjectType::Project, project_id)),
        object_name: Some(&new.name),
        caller: &new.deployer,
        now: new.now,
    };
    Ok(operations::insert(session, &record).await?)
}
