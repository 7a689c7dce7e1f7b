//! `catalog.validate_project`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::Call;
use super::validation;
use crate::error::CatalogError;

/// Begins a validation of all packages of a project. There are no other kinds than full ones.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    if !args.text("@validate_type").eq_ignore_ascii_case("F") {
        return Err(CatalogError::ValueNotValid {
            name: "@validate_type".into(),
            reason: "there is no such validation".into(),
            form: "`F` for a full validation",
        });
    }
    validation::start(cx, args, None).await
}
