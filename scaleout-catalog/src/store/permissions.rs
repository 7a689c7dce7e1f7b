//! Permissions on objects, as they were granted and denied.

use scaleout_core::model::identifier::name_key;
use scaleout_core::model::{Caller, PermissionType, Role, Securable};

use super::{Args, Session, SqlValue, StoreError, args};
use crate::access::{Entry, Object};

/// The names under which something is granted to a caller: its own and those of its roles.
pub fn principal_names(caller: &Caller) -> Vec<String> {
    let mut names = vec![name_key(&caller.name), Role::Public.as_str().to_owned()];
    names.extend(caller.roles.iter().map(|role| name_key(role.as_str())));
    names.sort_unstable();
    names.dedup();
    names
}

/// The ids that belong to names.
pub async fn principal_ids(
    session: &mut Session,
    names: &[String],
) -> Result<Vec<i64>, StoreError> {
    let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT principal_id FROM principal WHERE name_key IN ({})",
        places.join(", ")
    );
    let args: Args = names.iter().map(SqlValue::from).collect();
    let rows = session.remembered(sql, args).await?;
    rows.iter().map(|row| row.get("principal_id")).collect()
}

/// An object with the folder it is in; `None` when there is no such object.
pub async fn object(
    session: &mut Session,
    kind: Securable,
    id: i64,
) -> Result<Option<Object>, StoreError> {
    let sql = match kind {
        Securable::Folder => {
            "SELECT CAST(NULL AS bigint) AS folder_id FROM folder WHERE folder_id = $1"
        }
        Securable::Project => "SELECT folder_id FROM project WHERE project_id = $1",
        Securable::Environment => "SELECT folder_id FROM environment WHERE environment_id = $1",
        Securable::Operation => {
            "SELECT CAST(NULL AS bigint) AS folder_id FROM operation WHERE operation_id = $1"
        }
    };
    let row = session.row(sql, args![id]).await?;
    row.map(|row| {
        Ok(Object {
            kind,
            id,
            folder_id: row.get("folder_id")?,
        })
    })
    .transpose()
}

/// What is granted and denied on an object and on its folder, to anyone.
pub async fn entries(session: &mut Session, object: &Object) -> Result<Vec<Entry>, StoreError> {
    let rows = session
        .rows(
            "SELECT object_type, object_id, principal_id, permission_type, is_deny
             FROM object_permission
             WHERE (object_type = $1 AND object_id = $2) OR (object_type = 1 AND object_id = $3)",
            args![object.kind.number(), object.id, object.folder_id],
        )
        .await?;
    let damaged = |column: &str| StoreError::Damaged {
        column: column.to_owned(),
    };
    rows.iter()
        .map(|row| {
            Ok(Entry {
                kind: Securable::from_number(row.get("object_type")?)
                    .ok_or_else(|| damaged("object_type"))?,
                object_id: row.get("object_id")?,
                principal: row.get("principal_id")?,
                permission: PermissionType::from_number(row.get("permission_type")?)
                    .ok_or_else(|| damaged("permission_type"))?,
                is_deny: row.get("is_deny")?,
            })
        })
        .collect()
}

/// Gives the login of that name everything on an object that it made. Whoever is no login of the
/// catalog, such as its housekeeping, gets nothing.
pub async fn own(
    session: &mut Session,
    kind: Securable,
    id: i64,
    login: &str,
) -> Result<(), StoreError> {
    let all: Vec<String> = PermissionType::ALL
        .into_iter()
        .filter(|one| one.applies_to(kind))
        .map(|one| format!("SELECT {} AS number", one.number()))
        .collect();
    let sql = format!(
        "INSERT INTO object_permission
             (object_type, object_id, principal_id, permission_type, is_deny, grantor_id)
         SELECT {}, $1, p.principal_id, t.number, FALSE, p.principal_id
         FROM principal p CROSS JOIN ({}) t
         WHERE p.name_key = $2 AND p.is_role = FALSE
         ON CONFLICT (object_type, object_id, principal_id, permission_type) DO NOTHING",
        kind.number(),
        all.join(" UNION ALL ")
    );
    session.execute(sql, args![id, name_key(login)]).await?;
    Ok(())
}

/// The same for an operation, which is new.
pub async fn own_operation(session: &mut Session, id: i64, login: &str) -> Result<(), StoreError> {
    let rows = session
        .remembered(
            "SELECT principal_id FROM principal WHERE name_key = $1 AND is_role = FALSE",
            args![name_key(login)],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Ok(());
    };
    let principal: i64 = row.get("principal_id")?;
    let kind = Securable::Operation;
    for permission in PermissionType::ALL {
        if permission.applies_to(kind) {
            session
                .insert_later(
                    "object_permission (object_type, object_id, principal_id, permission_type,
                         is_deny, grantor_id)",
                    args![
                        kind.number(),
                        id,
                        principal,
                        permission.number(),
                        false,
                        principal
                    ],
                )
                .await?;
        }
    }
    Ok(())
}

/// Grants or denies a permission, instead of what was granted or denied before.
pub async fn set(session: &mut Session, entry: &Entry, grantor: &str) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO object_permission
                 (object_type, object_id, principal_id, permission_type, is_deny, grantor_id)
             VALUES ($1, $2, $3, $4, $5,
                 coalesce((SELECT principal_id FROM principal WHERE name_key = $6), 2))
             ON CONFLICT (object_type, object_id, principal_id, permission_type)
             DO UPDATE SET is_deny = excluded.is_deny, grantor_id = excluded.grantor_id",
            args![
                entry.kind.number(),
                entry.object_id,
                entry.principal,
                entry.permission.number(),
                entry.is_deny,
                name_key(grantor)
            ],
        )
        .await?;
    Ok(())
}

/// Takes away what was granted or denied; all of it without a permission.
pub async fn remove(
    session: &mut Session,
    object: &Object,
    principal_id: i64,
    permission: Option<PermissionType>,
) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM object_permission WHERE object_type = $1 AND object_id = $2
             AND principal_id = $3 AND permission_type = coalesce($4, permission_type)",
            args![
                object.kind.number(),
                object.id,
                principal_id,
                permission.map(PermissionType::number)
            ],
        )
        .await?;
    Ok(())
}

/// Takes away everything on an object that is gone.
pub async fn forget(session: &mut Session, kind: Securable, id: i64) -> Result<u64, StoreError> {
    session
        .execute(
            "DELETE FROM object_permission WHERE object_type = $1 AND object_id = $2",
            args![kind.number(), id],
        )
        .await
}

/// How many permissions of others a principal has granted or denied.
pub async fn granted_to_others(
    session: &mut Session,
    principal_id: i64,
) -> Result<i64, StoreError> {
    let row = session
        .row(
            "SELECT count(*) AS granted FROM object_permission
             WHERE grantor_id = $1 AND principal_id <> $1",
            args![principal_id],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("granted"))
}
