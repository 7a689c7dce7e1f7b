//! `catalog.rename_environment`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done};
use super::environment::EnvironmentName;
use super::lookup;
use crate::error::CatalogError;
use crate::store::environments;

/// Renames an environment; references keep the name they have.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = EnvironmentName::of(args);
    let new = EnvironmentName {
        folder: name.folder.clone(),
        environment: args.text("@new_environment_name").to_owned(),
    };
    check_name("environment", &new.environment)?;
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let id = name.find(session, &rights).await?.environment_id;
            let folder_id = lookup::folder_around(session, &name.folder).await?;
            if environments::place(session, id, folder_id, &new.environment).await? {
                Ok(done())
            } else {
                Err(new.exists())
            }
        })
    })
    .await
}
