//! `catalog.set_environment_variable_value`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::set_execution_parameter_value::protect;
use super::variable::{VariableName, value_text};
use crate::error::CatalogError;
use crate::store::variables;

/// Sets the value of a variable.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = VariableName::of(args);
    let value = args.variant("@value").clone();
    let keeper = cx.shared.keeper.clone();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let (found, owner) = name.find_with_owner(session, &rights).await?;
            let text = value_text(&found.data_type, &found.name, &value)?;
            let stored = protect(session, &keeper, owner, text, found.sensitive).await?;
            variables::set_value(session, found.variable_id, stored, found.sensitive).await?;
            Ok(done())
        })
    })
    .await
}
