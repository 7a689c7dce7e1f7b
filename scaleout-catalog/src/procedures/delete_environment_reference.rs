//! `catalog.delete_environment_reference`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::reference;
use crate::access;
use crate::error::CatalogError;
use crate::store::references;

/// Deletes a reference.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    access::check_change_project(cx.caller)?;
    let id = args.integer("@reference_id");
    cx.write(move |session| {
        Box::pin(async move {
            let found = reference::find(session, id).await?;
            references::delete(session, found.reference_id).await?;
            Ok(done())
        })
    })
    .await
}
