//! `catalog.set_login_password`

use scaleout_core::model::identifier::name_key;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::login;
use crate::error::{CatalogError, PermissionError};
use crate::passwords;
use crate::store::{principals, tokens};

/// Sets a password: one's own with the old one, anyone's as an administrator. What the login got by
/// logging in ends, as somebody else may have it.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (name, caller) = (args.text("@login_name").to_owned(), cx.caller.clone());
    let password = args.text("@password").to_owned();
    if !caller.is_administrator() {
        if name_key(&name) != name_key(&caller.name) {
            return Err(CatalogError::Forbidden {
                caller: caller.name,
                action: "set the password of another login".to_owned(),
            });
        }
        check_old(cx, &name, args.text("@old_password").to_owned()).await?;
    }
    passwords::check(&name, &password)?;
    let hash = cx.shared.hashed(password).await?;
    cx.write(move |session| {
        Box::pin(async move {
            let login = if caller.is_administrator() {
                login::changeable(session, &caller, &name).await?
            } else {
                login::find(session, &name).await?
            };
            principals::set_password(session, login.principal_id, &hash).await?;
            tokens::delete_of(session, login.principal_id).await?;
            Ok(done())
        })
    })
    .await
}

/// Guesses at the old password count as failed logins.
async fn check_old(cx: &Call<'_>, name: &str, old: String) -> Result<(), CatalogError> {
    let wrong = || PermissionError::OldPasswordWrong {
        name: name.to_owned(),
    };
    cx.shared.check_patience(name)?;
    let mut session = cx.shared.store.reader().await?;
    let login = login::find(&mut session, name).await?;
    drop(session);
    let fits = cx
        .shared
        .hashing(move || Ok(passwords::verify(&old, login.password_hash.as_deref())))
        .await?;
    if !fits {
        cx.shared.failures().failed(name, cx.now);
        return Err(wrong().into());
    }
    Ok(())
}
