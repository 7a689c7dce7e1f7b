//! `catalog.cleanup_server_log`

use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::Call;
use super::configure_catalog::check_rest;
use crate::catalog_properties::OPERATION_CLEANUP_ENABLED;
use crate::error::{CatalogError, UpkeepError};
use crate::housekeeping::{is_on, remove_ended};

/// One step of removing what ended before the call; the next call goes on.
pub async fn run(cx: &Call<'_>, _args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    if !is_on(&mut session, OPERATION_CLEANUP_ENABLED).await? {
        return Err(UpkeepError::CleanupDisabled.into());
    }
    check_rest(&mut session).await?;
    drop(session);
    let removed = remove_ended(cx.shared, cx.now).await?;
    let outputs = [
        ("@operations_removed", Value::from(removed.operations)),
        ("@rows_removed", Value::from(removed.rows)),
        ("@is_finished", Value::from(removed.finished)),
    ];
    Ok(ProcedureResult {
        outputs: outputs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        ..ProcedureResult::default()
    })
}
