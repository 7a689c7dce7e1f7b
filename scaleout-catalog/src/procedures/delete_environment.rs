//! `catalog.delete_environment`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::environment::EnvironmentName;
use crate::error::CatalogError;
use crate::store::environments;

/// Deletes an environment with its variables; references to it lead nowhere from then on.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = EnvironmentName::of(args);
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let found = name.find(session, &rights).await?;
            environments::delete(session, found.environment_id).await?;
            Ok(done())
        })
    })
    .await
}
