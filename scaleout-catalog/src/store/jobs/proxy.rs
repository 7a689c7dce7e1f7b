//! Proxies: as whom commands run.

use scaleout_core::model::identifier::name_key;

use super::super::{Row, Session, StoreError, args};

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyRow {
    /// Id.
    pub proxy_id: i64,
    /// Name.
    pub name: String,
    /// Whether steps may use it.
    pub enabled: bool,
    /// The user on the workers.
    pub user_name: String,
}

fn proxy(row: &Row) -> Result<ProxyRow, StoreError> {
    Ok(ProxyRow {
        proxy_id: row.get("proxy_id")?,
        name: row.get("name")?,
        enabled: row.get("enabled")?,
        user_name: row.get("user_name")?,
    })
}

/// Inserts a proxy; `None` when the name is taken.
pub async fn insert(
    session: &mut Session,
    new: &ProxyRow,
    description: Option<String>,
) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "INSERT INTO job_proxy (name, name_key, enabled, description, user_name)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name_key) DO NOTHING RETURNING proxy_id",
            args![
                &new.name,
                name_key(&new.name),
                new.enabled,
                description,
                &new.user_name
            ],
        )
        .await?;
    row.map(|row| row.get("proxy_id")).transpose()
}

/// The proxy with that id.
pub async fn find(session: &mut Session, id: i64) -> Result<Option<ProxyRow>, StoreError> {
    let row = session
        .row("SELECT * FROM job_proxy WHERE proxy_id = $1", args![id])
        .await?;
    row.as_ref().map(proxy).transpose()
}

/// The proxy of that name.
pub async fn find_by_name(
    session: &mut Session,
    name: &str,
) -> Result<Option<ProxyRow>, StoreError> {
    let row = session
        .row(
            "SELECT * FROM job_proxy WHERE name_key = $1",
            args![name_key(name)],
        )
        .await?;
    row.as_ref().map(proxy).transpose()
}

/// Deletes a proxy.
pub async fn delete(session: &mut Session, id: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM job_proxy_login WHERE proxy_id = $1",
        "DELETE FROM job_proxy WHERE proxy_id = $1",
    ] {
        session.execute(sql, args![id]).await?;
    }
    Ok(())
}

/// Lets a login name it; nothing changes when it may.
pub async fn grant(session: &mut Session, id: i64, login: &str) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO job_proxy_login (proxy_id, login_name, login_key) VALUES ($1, $2, $3)
             ON CONFLICT (proxy_id, login_key) DO NOTHING",
            args![id, login, name_key(login)],
        )
        .await?;
    Ok(())
}

/// Takes that away; whether it was there.
pub async fn revoke(session: &mut Session, id: i64, login: &str) -> Result<bool, StoreError> {
    let gone = session
        .execute(
            "DELETE FROM job_proxy_login WHERE proxy_id = $1 AND login_key = $2",
            args![id, name_key(login)],
        )
        .await?;
    Ok(gone == 1)
}

/// Whether a login may name it.
pub async fn allows(session: &mut Session, id: i64, login: &str) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT 1 AS found FROM job_proxy_login WHERE proxy_id = $1 AND login_key = $2",
            args![id, name_key(login)],
        )
        .await?;
    Ok(row.is_some())
}
