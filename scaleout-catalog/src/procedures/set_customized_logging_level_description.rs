//! `catalog.set_customized_logging_level_description`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::logging_level::find;
use crate::error::CatalogError;
use crate::store::logging_levels;

/// Sets what a level is for.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@level_name").to_owned();
    let description = args.text("@level_description").to_owned();
    cx.write(move |session| {
        Box::pin(async move {
            find(session, &name).await?;
            logging_levels::describe(session, &name, &description).await?;
            Ok(done())
        })
    })
    .await
}
