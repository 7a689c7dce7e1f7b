//! `internal.rotate_keys`

use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::Call;
use crate::error::CatalogError;
use crate::key_rotation::rotate;

/// Replaces the master key, and on demand the keys of projects and environments.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let data_keys = args.bit("@data_keys").unwrap_or(false);
    let rotated = rotate(&cx.shared.store, &cx.shared.keeper, data_keys).await?;
    let outputs = [
        ("@keys_wrapped", rotated.wrapped),
        ("@keys_renewed", rotated.renewed),
        ("@values_renewed", rotated.values),
    ];
    Ok(ProcedureResult {
        outputs: outputs
            .into_iter()
            .map(|(name, count)| (name.to_owned(), Value::from(count)))
            .collect(),
        ..ProcedureResult::default()
    })
}
