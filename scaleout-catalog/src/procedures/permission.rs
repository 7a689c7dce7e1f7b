//! What the three procedures for permissions have in common.

use scaleout_core::error::ErrorBody;
use scaleout_core::model::{PermissionType, Securable};
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::access::{Entry, Object, Rights};
use crate::error::{CatalogError, PermissionError};
use crate::store::{Session, permissions, principals};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Grant one permission.
    Grant,
    /// Deny one, or all that the object can have.
    Deny,
    /// Take away one, or all that there are.
    Revoke,
}

/// The arguments.
#[derive(Clone, Copy, Debug)]
struct Asked {
    object_type: i64,
    object_id: i64,
    principal_id: i64,
    permission: Option<i64>,
}

/// Changes what is granted or denied. What the original documents as a return code is one, with
/// the reason beside it.
pub async fn change(
    cx: &Call<'_>,
    args: &BoundArguments,
    change: Change,
) -> Result<ProcedureResult, CatalogError> {
    let asked = Asked {
        object_type: args.integer("@object_type"),
        object_id: args.integer("@object_id"),
        principal_id: args.integer("@principal_id"),
        permission: args.optional_integer("@permission_type"),
    };
    let rights = cx.rights();
    let result = cx
        .write(move |session| {
            Box::pin(async move {
                apply(session, &rights, asked, change).await?;
                Ok(done())
            })
        })
        .await;
    match result {
        Err(CatalogError::Permission(error)) => match error.return_code() {
            Some(return_value) => Ok(ProcedureResult {
                return_value,
                refusal: Some(ErrorBody::from_error(&error)),
                ..ProcedureResult::default()
            }),
            None => Err(error.into()),
        },
        other => other,
    }
}

async fn apply(
    session: &mut Session,
    rights: &Rights,
    asked: Asked,
    change: Change,
) -> Result<(), CatalogError> {
    let number = asked.object_type;
    let kind =
        Securable::from_number(number).ok_or(PermissionError::ObjectTypeUnknown { number })?;
    let object = object(session, rights, kind, asked.object_id).await?;
    if !principals::exists(session, asked.principal_id).await? {
        let id = asked.principal_id;
        return Err(PermissionError::PrincipalMissing { id }.into());
    }
    let permission = asked.permission.map(|number| known(number, kind));
    let permission = permission.transpose()?;
    if change == Change::Revoke {
        permissions::remove(session, &object, asked.principal_id, permission).await?;
        return Ok(());
    }
    let all = PermissionType::ALL.into_iter();
    for one in all.filter(|one| permission.map_or(one.applies_to(kind), |only| *one == only)) {
        let entry = Entry {
            kind,
            object_id: object.id,
            principal: asked.principal_id,
            permission: one,
            is_deny: change == Change::Deny,
        };
        permissions::set(session, &entry, &rights.caller().name).await?;
    }
    Ok(())
}

/// The object, on which the call may manage permissions.
async fn object(
    session: &mut Session,
    rights: &Rights,
    kind: Securable,
    id: i64,
) -> Result<Object, CatalogError> {
    let missing = || PermissionError::ObjectMissing { kind, id };
    let object = permissions::object(session, kind, id)
        .await?
        .ok_or_else(missing)?;
    rights
        .check(session, (kind, id), &id.to_string(), || missing().into())
        .await?;
    Ok(object)
}

/// The permission with that number, if objects of that kind can have it.
fn known(number: i64, kind: Securable) -> Result<PermissionType, PermissionError> {
    PermissionType::from_number(number)
        .filter(|one| one.applies_to(kind))
        .ok_or(PermissionError::PermissionUnknown { number, kind })
}
