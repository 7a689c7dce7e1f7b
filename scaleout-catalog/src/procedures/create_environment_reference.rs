//! `catalog.create_environment_reference`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done_with};
use super::environment::EnvironmentName;
use super::lookup::{self, ProjectName};
use super::reference::Location;
use crate::error::{CatalogError, EnvironmentError};
use crate::store::references;

/// Lets a project take values from an environment.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    let location = Location::of(args, "@reference_location")?;
    let environment = args.text("@environment_name").to_owned();
    let rights = cx.rights();
    let id = cx
        .write(move |session| {
            Box::pin(async move {
                let project = lookup::project(session, &rights, &name).await?;
                let folder = location.folder();
                let target = EnvironmentName {
                    folder: folder.unwrap_or(&project.folder_name).to_owned(),
                    environment,
                };
                let found = target.find(session, &rights).await?;
                let folder = folder.map(|_| found.folder_name.as_str());
                references::insert(session, project.project_id, folder, &found.name)
                    .await?
                    .ok_or_else(|| {
                        EnvironmentError::ReferenceExists {
                            project: project.name,
                            environment: found.name,
                        }
                        .into()
                    })
            })
        })
        .await?;
    Ok(done_with("@reference_id", id))
}
