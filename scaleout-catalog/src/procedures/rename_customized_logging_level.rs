//! `catalog.rename_customized_logging_level`

use scaleout_core::model::identifier::name_key;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::logging_level::{check_new_name, find};
use crate::catalog_properties::SERVER_CUSTOMIZED_LOGGING_LEVEL;
use crate::error::CatalogError;
use crate::store::{logging_levels, properties};

/// Renames a level, also where the catalog's properties name it.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let old = args.text("@old_name").to_owned();
    let new = args.text("@new_name").to_owned();
    cx.write(move |session| {
        Box::pin(async move {
            let level = find(session, &old).await?;
            // A name may change in case only.
            if name_key(&old) != name_key(&new) {
                check_new_name(session, &new).await?;
            }
            logging_levels::rename(session, &old, &new).await?;
            let default = properties::get(session, SERVER_CUSTOMIZED_LOGGING_LEVEL).await?;
            if default.is_some_and(|default| name_key(&default) == name_key(&level.name)) {
                properties::set(session, SERVER_CUSTOMIZED_LOGGING_LEVEL, &new).await?;
            }
            Ok(done())
        })
    })
    .await
}
