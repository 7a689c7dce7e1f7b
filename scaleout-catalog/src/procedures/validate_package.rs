//! `catalog.validate_package`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::Call;
use super::validation;
use crate::error::CatalogError;

/// Begins a validation of one package, entry point or not.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    validation::start(cx, args, Some(args.text("@package_name"))).await
}
