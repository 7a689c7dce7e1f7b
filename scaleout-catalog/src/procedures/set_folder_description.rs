//! `catalog.set_folder_description`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup;
use crate::error::CatalogError;
use crate::store::folders;

/// Longest description that `catalog.folders` can show.
const LONGEST: usize = 1024;

/// Replaces the description of a folder.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@folder_name").to_owned();
    let description = args.text("@folder_description").to_owned();
    if description.encode_utf16().count() > LONGEST {
        return Err(CatalogError::ValueNotValid {
            name: "@folder_description".into(),
            reason: format!("it is longer than {LONGEST} characters"),
            form: "a shorter one",
        });
    }
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let folder_id = lookup::folder(session, &rights, &name).await?;
            folders::describe(session, folder_id, &description).await?;
            Ok(done())
        })
    })
    .await
}
