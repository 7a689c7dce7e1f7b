//! `internal.cleanup_server_retention_window`

use scaleout_core::model::OperationType;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, cleanup_outputs};
use crate::error::CatalogError;
use crate::housekeeping::{clean_operations, note};

/// One step of removing logs past their time.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let Some(removed) = clean_operations(cx.shared).await? else {
        return Ok(cleanup_outputs(None, false, true, &[]));
    };
    let continued = args.optional_integer("@continued_operation_id");
    let kind = OperationType::CleanupOperations;
    let id = note(cx.shared, kind, continued, &cx.caller.name).await?;
    let counts = [
        ("@operations_removed", removed.operations),
        ("@rows_removed", removed.rows),
    ];
    Ok(cleanup_outputs(Some(id), true, removed.finished, &counts))
}
