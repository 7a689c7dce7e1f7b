//! `catalog.check_schema_version`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::{CatalogError, UpkeepError};
use crate::store::migrate;

/// Compares the schema of the database with the one that this program works with.
pub async fn run(cx: &Call<'_>, _args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    let (found, known) = (migrate::version(&mut session).await?, migrate::known());
    if found == known {
        Ok(done())
    } else {
        Err(UpkeepError::SchemaDiffers { found, known }.into())
    }
}
