//! Tokens, as hashes.

use jiff::Timestamp;
use scaleout_core::model::{Caller, Role};

use super::{Session, StoreError, args};

/// Stores a token's hash.
pub async fn insert(
    session: &mut Session,
    hash: &str,
    name: &str,
    role: Role,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO token (token_hash, name, role, created_time) VALUES ($1, $2, $3, $4)",
            args![hash, name, role.as_str(), now],
        )
        .await?;
    Ok(())
}

/// Whose token has that hash.
pub async fn find(session: &mut Session, hash: &str) -> Result<Option<Caller>, StoreError> {
    let row = session
        .row(
            "SELECT name, role FROM token WHERE token_hash = $1",
            args![hash],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let role = Role::from_name(&row.get::<String>("role")?);
    match role {
        Some(role) => Ok(Some(Caller::new(row.get::<String>("name")?, role))),
        None => Err(StoreError::Damaged {
            column: "role".into(),
        }),
    }
}
