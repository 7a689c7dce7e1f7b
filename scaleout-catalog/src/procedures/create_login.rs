//! `catalog.create_login`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done_with};
use super::login::thumbprint;
use crate::error::{CatalogError, PermissionError};
use crate::passwords;
use crate::store::principals::{self, NewLogin};

/// Creates a login.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@login_name").to_owned();
    check_name("login", &name)?;
    let certificate = thumbprint(args, &name)?;
    let password_hash = match args.optional_text("@password") {
        Some(password) => {
            passwords::check(&name, password)?;
            Some(cx.shared.hashed(password.to_owned()).await?)
        }
        None if certificate.is_none() => return Err(PermissionError::NoWayIn { name }.into()),
        None => None,
    };
    let new = NewLogin {
        name,
        password_hash,
        certificate,
        creator: cx.caller.name.clone(),
        now: cx.now,
    };
    let id = cx
        .write(move |session| {
            Box::pin(async move {
                if let Some(thumbprint) = &new.certificate {
                    let holder = principals::find_by_certificate(session, thumbprint).await?;
                    if holder.is_some() {
                        return Err(taken(new.name).into());
                    }
                }
                let id = principals::insert(session, &new).await?;
                Ok(id.ok_or(PermissionError::LoginExists { name: new.name })?)
            })
        })
        .await?;
    Ok(done_with("@principal_id", id))
}

/// The error of a certificate that is another login's.
pub fn taken(name: String) -> PermissionError {
    PermissionError::CertificateNotValid {
        name,
        reason: "another login has it",
    }
}
