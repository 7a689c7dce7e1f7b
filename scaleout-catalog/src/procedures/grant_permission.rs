//! `catalog.grant_permission`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::Call;
use super::permission::{Change, change};
use crate::error::CatalogError;

/// Grants a permission on an object.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    change(cx, args, Change::Grant).await
}
