//! Logins and roles.

use jiff::Timestamp;
use scaleout_core::model::Role;
use scaleout_core::model::identifier::name_key;

use super::{Row, Session, StoreError, args};

/// A login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRow {
    /// Id.
    pub principal_id: i64,
    /// Name as created.
    pub name: String,
    /// Whether it is let in.
    pub is_enabled: bool,
    /// How its password was hashed, if it has one.
    pub password_hash: Option<String>,
}

/// A login to create.
#[derive(Clone, Debug)]
pub struct NewLogin {
    /// Name.
    pub name: String,
    /// Its password, hashed.
    pub password_hash: Option<String>,
    /// Thumbprint of its certificate.
    pub certificate: Option<String>,
    /// Who creates it.
    pub creator: String,
    /// When.
    pub now: Timestamp,
}

const COLUMNS: &str = "SELECT principal_id, name, is_enabled, password_hash FROM principal";

fn login(row: &Row) -> Result<LoginRow, StoreError> {
    Ok(LoginRow {
        principal_id: row.get("principal_id")?,
        name: row.get("name")?,
        is_enabled: row.get("is_enabled")?,
        password_hash: row.get("password_hash")?,
    })
}

/// Inserts a login; `None` when there is a login or role of that name.
pub async fn insert(session: &mut Session, new: &NewLogin) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "INSERT INTO principal (name, name_key, is_role, password_hash, certificate_thumbprint,
                 created_by_name, created_time)
             VALUES ($1, $2, FALSE, $3, $4, $5, $6)
             ON CONFLICT (name_key) DO NOTHING RETURNING principal_id",
            args![
                &new.name,
                name_key(&new.name),
                new.password_hash.clone(),
                new.certificate.clone(),
                &new.creator,
                new.now
            ],
        )
        .await?;
    row.map(|row| row.get("principal_id")).transpose()
}

/// The login of that name.
pub async fn find(session: &mut Session, name: &str) -> Result<Option<LoginRow>, StoreError> {
    let sql = format!("{COLUMNS} WHERE name_key = $1 AND is_role = FALSE");
    let row = session.row(sql, args![name_key(name)]).await?;
    row.as_ref().map(login).transpose()
}

/// The login with that certificate.
pub async fn find_by_certificate(
    session: &mut Session,
    thumbprint: &str,
) -> Result<Option<LoginRow>, StoreError> {
    let sql = format!("{COLUMNS} WHERE certificate_thumbprint = $1 AND is_role = FALSE");
    let row = session.row(sql, args![thumbprint]).await?;
    row.as_ref().map(login).transpose()
}

/// Whether there is a login or role with that id.
pub async fn exists(session: &mut Session, principal_id: i64) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT 1 AS found FROM principal WHERE principal_id = $1",
            args![principal_id],
        )
        .await?;
    Ok(row.is_some())
}

/// Deletes a login with what was granted to it and its tokens.
pub async fn delete(session: &mut Session, principal_id: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM object_permission WHERE principal_id = $1",
        "DELETE FROM principal_role WHERE principal_id = $1",
        "DELETE FROM token WHERE principal_id = $1",
        "DELETE FROM principal WHERE principal_id = $1",
    ] {
        session.execute(sql, args![principal_id]).await?;
    }
    Ok(())
}

/// Sets the password.
pub async fn set_password(
    session: &mut Session,
    principal_id: i64,
    hash: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE principal SET password_hash = $2 WHERE principal_id = $1",
            args![principal_id, hash],
        )
        .await?;
    Ok(())
}

/// Sets or takes the certificate; false when it is another login's.
pub async fn set_certificate(
    session: &mut Session,
    principal_id: i64,
    thumbprint: Option<String>,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE principal SET certificate_thumbprint = $2 WHERE principal_id = $1
             AND NOT EXISTS (SELECT 1 FROM principal
                 WHERE certificate_thumbprint = $2 AND principal_id <> $1)",
            args![principal_id, thumbprint],
        )
        .await?;
    Ok(changed == 1)
}

/// Lets a login in or keeps it out.
pub async fn set_enabled(
    session: &mut Session,
    principal_id: i64,
    is_enabled: bool,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE principal SET is_enabled = $2 WHERE principal_id = $1",
            args![principal_id, is_enabled],
        )
        .await?;
    Ok(())
}

/// Notes that a login was let in.
pub async fn note_login(
    session: &mut Session,
    principal_id: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE principal SET last_login_time = $2 WHERE principal_id = $1",
            args![principal_id, now],
        )
        .await?;
    Ok(())
}

/// The roles of a login, without `public`.
pub async fn roles(session: &mut Session, principal_id: i64) -> Result<Vec<Role>, StoreError> {
    let rows = session
        .rows(
            "SELECT r.name FROM principal_role m JOIN principal r ON r.principal_id = m.role_id
             WHERE m.principal_id = $1 ORDER BY m.role_id",
            args![principal_id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Role::from_name(&row.get::<String>("name")?).ok_or_else(|| StoreError::Damaged {
                column: "name".into(),
            })
        })
        .collect()
}

/// Gives a role; nothing changes when it is there.
pub async fn add_role(
    session: &mut Session,
    principal_id: i64,
    role: Role,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO principal_role (principal_id, role_id)
             SELECT $1, principal_id FROM principal WHERE name_key = $2 AND is_role = TRUE
             ON CONFLICT (principal_id, role_id) DO NOTHING",
            args![principal_id, name_key(role.as_str())],
        )
        .await?;
    Ok(())
}

/// Takes a role away; nothing changes when it is not there.
pub async fn remove_role(
    session: &mut Session,
    principal_id: i64,
    role: Role,
) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM principal_role WHERE principal_id = $1 AND role_id IN
                 (SELECT principal_id FROM principal WHERE name_key = $2 AND is_role = TRUE)",
            args![principal_id, name_key(role.as_str())],
        )
        .await?;
    Ok(())
}

/// Whether a login other than this one is let in and a `sysadmin`.
pub async fn has_other_sysadmin(
    session: &mut Session,
    principal_id: i64,
) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT 1 AS found FROM principal p
             JOIN principal_role m ON m.principal_id = p.principal_id
             JOIN principal r ON r.principal_id = m.role_id AND r.name_key = 'sysadmin'
             WHERE p.principal_id <> $1 AND p.is_enabled = TRUE LIMIT 1",
            args![principal_id],
        )
        .await?;
    Ok(row.is_some())
}
