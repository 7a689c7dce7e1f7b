//! `catalog.delete_project`

use scaleout_core::model::Securable;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup::{self, ProjectName};
use crate::error::CatalogError;
use crate::store::{permissions, projects};

/// Deletes a project; what runs goes on, and its operations stay.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let project = lookup::project(session, &rights, &name).await?;
            projects::delete(session, project.project_id).await?;
            permissions::forget(session, Securable::Project, project.project_id).await?;
            Ok(done())
        })
    })
    .await
}
