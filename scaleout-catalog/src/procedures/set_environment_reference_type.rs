//! `catalog.set_environment_reference_type`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::environment::EnvironmentName;
use super::reference::{self, Location};
use crate::error::{CatalogError, EnvironmentError};
use crate::store::references;

/// Makes a reference relative or absolute.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@reference_id");
    let location = Location::of(args, "@reference_type")?;
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let found = reference::find(session, &rights, id).await?;
            let folder = location.folder();
            let target = EnvironmentName {
                folder: folder.unwrap_or(&found.project_folder).to_owned(),
                environment: found.environment.clone(),
            };
            let environment = target.find(session, &rights).await?;
            let folder = folder.map(|_| environment.folder_name.as_str());
            if references::set_folder(session, &found, folder).await? {
                Ok(done())
            } else {
                Err(EnvironmentError::ReferenceExists {
                    project: found.project,
                    environment: found.environment,
                }
                .into())
            }
        })
    })
    .await
}
