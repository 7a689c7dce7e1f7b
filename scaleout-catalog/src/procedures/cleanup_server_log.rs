//! `catalog.cleanup_server_log`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::configure_catalog::check_rest;
use crate::catalog_properties::OPERATION_CLEANUP_ENABLED;
use crate::error::{CatalogError, UpkeepError};
use crate::housekeeping::{is_on, remove_ended};

/// Removes what ended before the call, part by part. A call that breaks off has removed a part of
/// it, and the next one goes on.
pub async fn run(cx: &Call<'_>, _args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    if !is_on(&mut session, OPERATION_CLEANUP_ENABLED).await? {
        return Err(UpkeepError::CleanupDisabled.into());
    }
    check_rest(&mut session).await?;
    drop(session);
    while !remove_ended(cx.shared, cx.now).await?.finished {}
    Ok(done())
}
