//! `catalog.delete_folder`

use scaleout_core::model::Securable;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup;
use crate::error::CatalogError;
use crate::store::{folders, permissions};

/// Deletes an empty folder.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@folder_name").to_owned();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let folder_id = lookup::folder(session, &rights, &name).await?;
            if folders::delete(session, folder_id).await? {
                permissions::forget(session, Securable::Folder, folder_id).await?;
                Ok(done())
            } else {
                Err(CatalogError::FolderNotEmpty { name })
            }
        })
    })
    .await
}
