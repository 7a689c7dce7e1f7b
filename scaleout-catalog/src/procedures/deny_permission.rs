//! `catalog.deny_permission`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::Call;
use super::permission::{Change, change};
use crate::error::CatalogError;

/// Denies a permission on an object; without a permission all that the object can have.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    change(cx, args, Change::Deny).await
}
