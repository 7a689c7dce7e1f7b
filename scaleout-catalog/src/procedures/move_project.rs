//! `catalog.move_project`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup::{self, ProjectName};
use crate::error::{CatalogError, ProjectError};
use crate::store::projects;

/// Moves a project: it stays the same project, with its versions, parameters and executions.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName {
        folder: args.text("@source_folder").to_owned(),
        project: args.text("@project_name").to_owned(),
    };
    let destination = args.text("@destination_folder").to_owned();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let project = lookup::project(session, &rights, &name).await?;
            let folder_id = lookup::folder(session, &rights, &destination).await?;
            if projects::move_to(session, project.project_id, folder_id).await? {
                return Ok(done());
            }
            Err(ProjectError::Exists {
                folder: destination,
                project: project.name,
            }
            .into())
        })
    })
    .await
}
