//! `catalog.set_environment_variable_property`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::environment::check_description;
use super::variable::VariableName;
use crate::error::CatalogError;
use crate::store::variables;

/// Sets the description of a variable.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    check_description(args)?;
    let name = VariableName::of(args);
    let text = args.text("@property_value").to_owned();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let found = name.find(session, &rights).await?;
            variables::describe(session, found.variable_id, &text).await?;
            Ok(done())
        })
    })
    .await
}
