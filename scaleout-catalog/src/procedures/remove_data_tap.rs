//! `catalog.remove_data_tap`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::data_tap::check_not_started;
use crate::error::{CatalogError, DiagnosticsError};
use crate::store::data_taps;

/// Removes a tap from an execution that was not started.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@data_tap_id");
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let missing = || CatalogError::from(DiagnosticsError::TapMissing { id });
            let execution = data_taps::execution_of(session, id).await?;
            let execution = execution.ok_or_else(missing)?;
            match check_not_started(session, &rights, execution).await {
                // Whose tap it is is nobody else's business.
                Err(CatalogError::OperationMissing { .. }) => return Err(missing()),
                other => other?,
            }
            data_taps::delete(session, id).await?;
            Ok(done())
        })
    })
    .await
}
