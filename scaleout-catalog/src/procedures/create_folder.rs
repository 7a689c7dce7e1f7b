//! `catalog.create_folder`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done_with};
use crate::error::CatalogError;
use crate::store::folders;

/// Creates a folder; both the output and the return value are its id.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@folder_name").to_owned();
    check_name("folder", &name)?;
    let (creator, now) = (cx.caller.name.clone(), cx.now);
    let id = cx
        .write(move |session| {
            Box::pin(async move {
                folders::insert(session, &name, &creator, now)
                    .await?
                    .ok_or(CatalogError::FolderExists { name })
            })
        })
        .await?;
    Ok(ProcedureResult {
        return_value: id,
        ..done_with("@folder_id", id)
    })
}
