//! Properties of the catalog and of the master.

use super::{Session, StoreError, args};

/// Property of the master: the address that workers use.
pub const MASTER_ADDRESS: &str = "MASTER_ADDRESS";
/// Property of the master: where the logs are.
pub const CLUSTER_LOGDB_SERVER: &str = "CLUSTER_LOGDB_SERVER";
/// Those that a person may choose. The choice is a row beside the catalog's own properties, which
/// their view does not show.
const CHOSEN: [&str; 2] = [MASTER_ADDRESS, CLUSTER_LOGDB_SERVER];

/// A catalog property.
pub async fn get(session: &mut Session, name: &str) -> Result<Option<String>, StoreError> {
    let row = session
        .remembered(
            "SELECT property_value FROM catalog_property WHERE property_name = $1",
            args![name],
        )
        .await?
        .into_iter()
        .next();
    row.map(|row| row.get("property_value")).transpose()
}

/// Sets a catalog property.
pub async fn set(session: &mut Session, name: &str, value: &str) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO catalog_property (property_name, property_value) VALUES ($1, $2)
             ON CONFLICT (property_name) DO UPDATE SET property_value = excluded.property_value",
            args![name, value],
        )
        .await?;
    Ok(())
}

/// Sets a property of the master.
pub async fn set_master(session: &mut Session, name: &str, value: &str) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO master_property (property_name, property_value) VALUES ($1, $2)
             ON CONFLICT (property_name) DO UPDATE SET property_value = excluded.property_value",
            args![name, value],
        )
        .await?;
    Ok(())
}

/// A property of the master as a person has chosen it, if anyone has.
pub async fn chosen(session: &mut Session, name: &str) -> Result<Option<String>, StoreError> {
    if CHOSEN.contains(&name) {
        get(session, name).await
    } else {
        Ok(None)
    }
}

/// Sets a property of the master for good: what the master finds out by itself does not replace it.
pub async fn choose(
    session: &mut Session,
    name: &'static str,
    value: &str,
) -> Result<(), StoreError> {
    set(session, name, value).await?;
    set_master(session, name, value).await
}

/// Fingerprint of the master key in force.
pub async fn key_fingerprint(session: &mut Session) -> Result<Option<String>, StoreError> {
    let row = session
        .row("SELECT fingerprint FROM secret_key", args![])
        .await?;
    row.map(|row| row.get("fingerprint")).transpose()
}

/// Puts a master key in force.
pub async fn set_key_fingerprint(
    session: &mut Session,
    fingerprint: &str,
) -> Result<(), StoreError> {
    session.execute("DELETE FROM secret_key", args![]).await?;
    session
        .execute(
            "INSERT INTO secret_key (fingerprint) VALUES ($1)",
            args![fingerprint],
        )
        .await?;
    Ok(())
}
