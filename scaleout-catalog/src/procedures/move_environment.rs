//! `catalog.move_environment`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::environment::EnvironmentName;
use super::lookup;
use crate::error::{CatalogError, EnvironmentError};
use crate::store::environments;

/// Moves an environment; references keep the folder they have.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let source = EnvironmentName {
        folder: args.text("@source_folder").to_owned(),
        environment: args.text("@environment_name").to_owned(),
    };
    let destination = args.text("@destination_folder").to_owned();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let found = source.find(session, &rights).await?;
            let folder_id = lookup::folder(session, &rights, &destination).await?;
            let id = found.environment_id;
            if environments::place(session, id, folder_id, &found.name).await? {
                Ok(done())
            } else {
                Err(EnvironmentError::EnvironmentExists {
                    folder: destination,
                    environment: found.name,
                }
                .into())
            }
        })
    })
    .await
}
