//! Tokens, as hashes.

use jiff::Timestamp;
use scaleout_core::model::{Caller, Role};

use super::projects::returned;
use super::{Session, StoreError, args};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// From logging in.
    Login,
    /// Made by its login, for scripts.
    Personal,
    /// In the master's own folder.
    Local,
}

impl TokenKind {
    /// The word in the view.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Personal => "personal",
            Self::Local => "local",
        }
    }
}

/// A token to store.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Hash of the token.
    pub hash: String,
    /// Whose it is.
    pub principal_id: i64,
    /// What it is for.
    pub kind: TokenKind,
    /// In words.
    pub description: Option<String>,
    /// When it is made.
    pub now: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// What stands behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// Its login.
    pub caller: Caller,
    /// Whether the login is let in.
    pub is_enabled: bool,
    /// When the token ends.
    pub expires: Option<Timestamp>,
}

/// Stores a token and says which number it has.
pub async fn insert(session: &mut Session, new: &NewToken) -> Result<i64, StoreError> {
    let row = session
        .row(
            "INSERT INTO token (token_hash, principal_id, kind, description, created_time, expires_time)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING token_id",
            args![
                &new.hash,
                new.principal_id,
                new.kind.as_str(),
                new.description.clone(),
                new.now,
                new.expires
            ],
        )
        .await?;
    returned(row, "token_id")
}

/// Whose token has that hash.
pub async fn find(session: &mut Session, hash: &str) -> Result<Option<Bearer>, StoreError> {
    let rows = session
        .rows(
            "SELECT p.name, p.is_enabled, t.expires_time, r.name AS role FROM token t
             JOIN principal p ON p.principal_id = t.principal_id
             LEFT JOIN principal_role m ON m.principal_id = p.principal_id
             LEFT JOIN principal r ON r.principal_id = m.role_id
             WHERE t.token_hash = $1",
            args![hash],
        )
        .await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let mut roles = Vec::new();
    for row in &rows {
        if let Some(name) = row.get::<Option<String>>("role")? {
            roles.push(Role::from_name(&name).ok_or_else(|| StoreError::Damaged {
                column: "role".into(),
            })?);
        }
    }
    roles.sort_unstable();
    Ok(Some(Bearer {
        caller: Caller {
            name: first.get("name")?,
            roles,
            address: None,
        },
        is_enabled: first.get("is_enabled")?,
        expires: first.get("expires_time")?,
    }))
}

/// The login whose token has that number.
pub async fn owner(session: &mut Session, token_id: i64) -> Result<Option<String>, StoreError> {
    let row = session
        .row(
            "SELECT p.name FROM token t JOIN principal p ON p.principal_id = t.principal_id
             WHERE t.token_id = $1",
            args![token_id],
        )
        .await?;
    row.map(|row| row.get("name")).transpose()
}

/// Revokes a token.
pub async fn delete(session: &mut Session, token_id: i64) -> Result<(), StoreError> {
    session
        .execute("DELETE FROM token WHERE token_id = $1", args![token_id])
        .await?;
    Ok(())
}

/// Revokes the token with that hash.
pub async fn delete_by_hash(session: &mut Session, hash: &str) -> Result<(), StoreError> {
    session
        .execute("DELETE FROM token WHERE token_hash = $1", args![hash])
        .await?;
    Ok(())
}

/// Revokes what a login got by logging in.
pub async fn delete_of(session: &mut Session, principal_id: i64) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM token WHERE principal_id = $1 AND kind = 'login'",
            args![principal_id],
        )
        .await?;
    Ok(())
}

/// Forgets tokens that have ended.
pub async fn delete_ended(session: &mut Session, now: Timestamp) -> Result<(), StoreError> {
    session
        .execute("DELETE FROM token WHERE expires_time <= $1", args![now])
        .await?;
    Ok(())
}
