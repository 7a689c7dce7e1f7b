//! `catalog.delete_folder`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup;
use crate::error::CatalogError;
use crate::store::folders;

/// Deletes an empty folder.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@folder_name").to_owned();
    cx.write(move |session| {
        Box::pin(async move {
            let folder_id = lookup::folder(session, &name).await?;
            if folders::delete(session, folder_id).await? {
                Ok(done())
            } else {
                Err(CatalogError::FolderNotEmpty { name })
            }
        })
    })
    .await
}
