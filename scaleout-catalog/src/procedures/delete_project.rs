//! `catalog.delete_project`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup::{self, ProjectName};
use crate::access;
use crate::error::CatalogError;
use crate::store::projects;

/// Deletes a project; what runs goes on, and its operations stay.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    access::check_change_project(cx.caller)?;
    let name = ProjectName::of(args);
    cx.write(move |session| {
        Box::pin(async move {
            let project = lookup::project(session, &name).await?;
            projects::delete(session, project.project_id).await?;
            Ok(done())
        })
    })
    .await
}
