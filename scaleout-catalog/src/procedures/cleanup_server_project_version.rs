//! `internal.cleanup_server_project_version`

use scaleout_core::model::OperationType;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, cleanup_outputs};
use crate::error::CatalogError;
use crate::housekeeping::{clean_versions, note};

/// One step of removing versions beyond their number.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let Some(removed) = clean_versions(cx.shared).await? else {
        return Ok(cleanup_outputs(None, false, true, &[]));
    };
    let continued = args.optional_integer("@continued_operation_id");
    let kind = OperationType::CleanupVersions;
    let id = note(cx.shared, kind, continued, &cx.caller.name).await?;
    let counts = [("@versions_removed", removed.versions)];
    Ok(cleanup_outputs(Some(id), true, removed.finished, &counts))
}
