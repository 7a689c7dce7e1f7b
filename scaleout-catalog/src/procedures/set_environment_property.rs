//! `catalog.set_environment_property`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::environment::{EnvironmentName, check_description};
use crate::error::CatalogError;
use crate::store::environments;

/// Sets the description of an environment.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    check_description(args)?;
    let name = EnvironmentName::of(args);
    let text = args.text("@property_value").to_owned();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let found = name.find(session, &rights).await?;
            environments::describe(session, found.environment_id, &text).await?;
            Ok(done())
        })
    })
    .await
}
