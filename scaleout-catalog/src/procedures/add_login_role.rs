//! `catalog.add_login_role`

use scaleout_core::model::Role;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::login;
use crate::error::CatalogError;
use crate::store::principals;

/// Gives a login a role.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (name, caller) = (args.text("@login_name").to_owned(), cx.caller.clone());
    let role = login::role(args)?;
    if role == Role::SysAdmin {
        login::check_sysadmin(&caller)?;
    }
    cx.write(move |session| {
        Box::pin(async move {
            let login = login::changeable(session, &caller, &name).await?;
            principals::add_role(session, login.principal_id, role).await?;
            Ok(done())
        })
    })
    .await
}
