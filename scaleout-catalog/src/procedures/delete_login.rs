//! `catalog.delete_login`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::login;
use crate::error::{CatalogError, PermissionError};
use crate::store::{permissions, principals};

/// Deletes a login, with its tokens and what was granted to it. One that has granted something to
/// others stays until that is revoked, as a database user of the original does.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (name, caller) = (args.text("@login_name").to_owned(), cx.caller.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let login = login::changeable(session, &caller, &name).await?;
            login::check_not_last(session, &login).await?;
            let count = permissions::granted_to_others(session, login.principal_id).await?;
            if 0 < count {
                let name = login.name;
                return Err(PermissionError::StillGrantor { name, count }.into());
            }
            principals::delete(session, login.principal_id).await?;
            Ok(done())
        })
    })
    .await
}
