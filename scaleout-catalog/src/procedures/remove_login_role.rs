//! `catalog.remove_login_role`

use scaleout_core::model::Role;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::login;
use crate::error::CatalogError;
use crate::store::principals;

/// Takes a role away from a login.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (name, caller) = (args.text("@login_name").to_owned(), cx.caller.clone());
    let role = login::role(args)?;
    cx.write(move |session| {
        Box::pin(async move {
            let login = login::changeable(session, &caller, &name).await?;
            if role == Role::SysAdmin {
                login::check_not_last(session, &login).await?;
            }
            principals::remove_role(session, login.principal_id, role).await?;
            Ok(done())
        })
    })
    .await
}
