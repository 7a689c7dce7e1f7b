//! `catalog.set_environment_variable_protection`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::set_execution_parameter_value::protect;
use super::variable::VariableName;
use crate::error::CatalogError;
use crate::store::variables;

/// Encrypts the value of a variable, or stores it in plain text.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = VariableName::of(args);
    let sensitive = args.bit("@sensitive").unwrap_or_default();
    let keeper = cx.shared.keeper.clone();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let (found, owner) = name.find_with_owner(session, &rights).await?;
            let text = found.value.reveal(session, &keeper).await?;
            let text = text.unwrap_or_default();
            let stored = protect(session, &keeper, owner, text, sensitive).await?;
            variables::set_value(session, found.variable_id, stored, sensitive).await?;
            Ok(done())
        })
    })
    .await
}
