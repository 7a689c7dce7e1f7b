//! `catalog.create_folder`

use scaleout_core::model::Securable;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done_with};
use crate::error::CatalogError;
use crate::store::{folders, permissions};

/// Creates a folder; both the output and the return value are its id.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@folder_name").to_owned();
    check_name("folder", &name)?;
    let (creator, now) = (cx.caller.name.clone(), cx.now);
    let id = cx
        .write(move |session| {
            Box::pin(async move {
                let id = folders::insert(session, &name, &creator, now)
                    .await?
                    .ok_or(CatalogError::FolderExists { name })?;
                permissions::own(session, Securable::Folder, id, &creator).await?;
                Ok(id)
            })
        })
        .await?;
    Ok(ProcedureResult {
        return_value: id,
        ..done_with("@folder_id", id)
    })
}
