//! `catalog.set_login_enabled`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::login;
use crate::error::CatalogError;
use crate::store::principals;

/// Lets a login in, or keeps it out with all its tokens.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (name, caller) = (args.text("@login_name").to_owned(), cx.caller.clone());
    let is_enabled = args.bit("@is_enabled").unwrap_or(true);
    cx.write(move |session| {
        Box::pin(async move {
            let login = login::changeable(session, &caller, &name).await?;
            if !is_enabled {
                login::check_not_last(session, &login).await?;
            }
            principals::set_enabled(session, login.principal_id, is_enabled).await?;
            Ok(done())
        })
    })
    .await
}
