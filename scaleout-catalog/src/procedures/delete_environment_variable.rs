//! `catalog.delete_environment_variable`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::variable::VariableName;
use crate::error::CatalogError;
use crate::store::variables;

/// Deletes a variable; parameters that refer to it find none from then on.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = VariableName::of(args);
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let found = name.find(session, &rights).await?;
            variables::delete(session, found.variable_id).await?;
            Ok(done())
        })
    })
    .await
}
