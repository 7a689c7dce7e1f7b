//! `catalog.revoke_permission`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::Call;
use super::permission::{Change, change};
use crate::error::CatalogError;

/// Takes away what was granted or denied on an object; without a permission all of it.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    change(cx, args, Change::Revoke).await
}
