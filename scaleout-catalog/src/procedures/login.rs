//! The login that a call is about.

use scaleout_core::model::{Caller, Role};
use scaleout_core::registry::BoundArguments;

use crate::error::{CatalogError, PermissionError};
use crate::store::Session;
use crate::store::principals::{self, LoginRow};

/// Digits of a SHA-256 thumbprint.
const THUMBPRINT_DIGITS: usize = 64;

/// The login that `@login_name` names. Only a `sysadmin` may change one who is `sysadmin`: nobody
/// takes over an account that may do more than their own.
pub async fn changeable(
    session: &mut Session,
    caller: &Caller,
    name: &str,
) -> Result<LoginRow, CatalogError> {
    let login = find(session, name).await?;
    let roles = principals::roles(session, login.principal_id).await?;
    if roles.contains(&Role::SysAdmin) {
        check_sysadmin(caller)?;
    }
    Ok(login)
}

/// The login of that name.
pub async fn find(session: &mut Session, name: &str) -> Result<LoginRow, CatalogError> {
    let found = principals::find(session, name).await?;
    Ok(found.ok_or_else(|| PermissionError::LoginMissing {
        name: name.to_owned(),
    })?)
}

/// Refuses who is no `sysadmin`.
pub fn check_sysadmin(caller: &Caller) -> Result<(), PermissionError> {
    if caller.has(Role::SysAdmin) {
        return Ok(());
    }
    Err(PermissionError::SysadminNeeded {
        caller: caller.name.clone(),
    })
}

/// Refuses what would leave nobody who may do everything.
pub async fn check_not_last(session: &mut Session, login: &LoginRow) -> Result<(), CatalogError> {
    let roles = principals::roles(session, login.principal_id).await?;
    let is_sysadmin = roles.contains(&Role::SysAdmin);
    if is_sysadmin && !principals::has_other_sysadmin(session, login.principal_id).await? {
        let name = login.name.clone();
        return Err(PermissionError::LastAdministrator { name }.into());
    }
    Ok(())
}

/// `@role_name`: a role that logins can be given.
pub fn role(args: &BoundArguments) -> Result<Role, PermissionError> {
    let name = args.text("@role_name");
    Role::from_name(name)
        .filter(|role| *role != Role::Public)
        .ok_or_else(|| PermissionError::RoleUnknown {
            name: name.to_owned(),
        })
}

/// `@certificate_thumbprint` in the form it is stored; colons and blanks are allowed.
pub fn thumbprint(args: &BoundArguments, login: &str) -> Result<Option<String>, PermissionError> {
    let Some(text) = args.optional_text("@certificate_thumbprint") else {
        return Ok(None);
    };
    let digits: String = text
        .chars()
        .filter(|one| !matches!(one, ':' | ' '))
        .collect::<String>()
        .to_ascii_lowercase();
    let good =
        digits.len() == THUMBPRINT_DIGITS && digits.bytes().all(|one| one.is_ascii_hexdigit());
    if good {
        return Ok(Some(digits));
    }
    Err(PermissionError::CertificateNotValid {
        name: login.to_owned(),
        reason: "a SHA-256 thumbprint has 64 hexadecimal digits",
    })
}
