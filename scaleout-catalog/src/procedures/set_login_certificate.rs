//! `catalog.set_login_certificate`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::create_login::taken;
use super::login::{self, thumbprint};
use crate::error::{CatalogError, PermissionError};
use crate::store::principals;

/// Sets the client certificate of a login, or takes it away.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (name, caller) = (args.text("@login_name").to_owned(), cx.caller.clone());
    let certificate = thumbprint(args, &name)?;
    cx.write(move |session| {
        Box::pin(async move {
            let login = login::changeable(session, &caller, &name).await?;
            if certificate.is_none() && login.password_hash.is_none() {
                return Err(PermissionError::NoWayIn { name: login.name }.into());
            }
            let id = login.principal_id;
            if principals::set_certificate(session, id, certificate).await? {
                Ok(done())
            } else {
                Err(taken(login.name).into())
            }
        })
    })
    .await
}
