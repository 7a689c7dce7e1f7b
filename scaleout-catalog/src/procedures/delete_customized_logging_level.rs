//! `catalog.delete_customized_logging_level`

use scaleout_core::model::identifier::name_key;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::logging_level::find;
use crate::catalog_properties::SERVER_CUSTOMIZED_LOGGING_LEVEL;
use crate::error::{CatalogError, DiagnosticsError};
use crate::store::{logging_levels, properties};

/// Deletes a level that the server does not use. Executions that were started with it go on with
/// what it logged then.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@level_name").to_owned();
    cx.write(move |session| {
        Box::pin(async move {
            let level = find(session, &name).await?;
            let default = properties::get(session, SERVER_CUSTOMIZED_LOGGING_LEVEL).await?;
            if default.is_some_and(|default| name_key(&default) == name_key(&level.name)) {
                return Err(DiagnosticsError::LevelInUse { name: level.name }.into());
            }
            logging_levels::delete(session, &name).await?;
            Ok(done())
        })
    })
    .await
}
