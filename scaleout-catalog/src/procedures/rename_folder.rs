//! `catalog.rename_folder`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done};
use super::lookup;
use crate::error::CatalogError;
use crate::store::folders;

/// Gives a folder another name.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let old = args.text("@old_name").to_owned();
    let new = args.text("@new_name").to_owned();
    check_name("folder", &new)?;
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let folder_id = lookup::folder(session, &rights, &old).await?;
            if folders::rename(session, folder_id, &new).await? {
                Ok(done())
            } else {
                Err(CatalogError::FolderExists { name: new })
            }
        })
    })
    .await
}
