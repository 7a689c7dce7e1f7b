//! `catalog.delete_environment_reference`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::reference;
use crate::error::CatalogError;
use crate::store::references;

/// Deletes a reference.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@reference_id");
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let found = reference::find(session, &rights, id).await?;
            references::delete(session, found.reference_id).await?;
            Ok(done())
        })
    })
    .await
}
