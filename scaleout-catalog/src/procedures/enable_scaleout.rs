//! `catalog.enable_scaleout`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::store::properties;

/// Turns Scale Out on; doing it again changes nothing.
pub async fn run(cx: &Call<'_>, _args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    cx.write(|session| {
        Box::pin(async move {
            properties::set(session, "IS_SCALEOUT_ENABLED", "True").await?;
            Ok(done())
        })
    })
    .await
}
