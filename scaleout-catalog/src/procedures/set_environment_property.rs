//! `catalog.set_environment_property`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::environment::{EnvironmentName, check_description};
use crate::access;
use crate::error::CatalogError;
use crate::store::environments;

/// Sets the description of an environment.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    access::check_change_environment(cx.caller)?;
    check_description(args)?;
    let name = EnvironmentName::of(args);
    let text = args.text("@property_value").to_owned();
    cx.write(move |session| {
        Box::pin(async move {
            let found = name.find(session).await?;
            environments::describe(session, found.environment_id, &text).await?;
            Ok(done())
        })
    })
    .await
}
