//! `catalog.deploy_project`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done_with};
use super::lookup::ProjectName;
use crate::deployment::{Deployment, given_password, read_project};
use crate::error::CatalogError;
use crate::shared::apart;

/// Stores an `.ispac` as a new project or as the next version of an existing one.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    check_name("project", &name.project)?;
    let file = args.bytes("@project_stream").to_vec();
    let asked = name.project.clone();
    let password = given_password(args);
    let (project, file, password) = apart(move || {
        let project = read_project(&asked, &file, password.as_ref())?;
        Ok((project, file, password))
    })
    .await?;
    if project.name.to_lowercase() != name.project.to_lowercase() {
        return Err(CatalogError::ProjectNameDiffers {
            asked: name.project,
            inside: project.name,
        });
    }
    let deployment = Deployment::of(cx, name, &project, file, password)?;
    let operation_id = cx
        .write(move |session| Box::pin(async move { deployment.store(session).await }))
        .await?;
    Ok(done_with("@operation_id", operation_id))
}
