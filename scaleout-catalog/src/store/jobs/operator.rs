//! Operators: who is told.

use scaleout_core::model::identifier::name_key;

use super::super::{Session, StoreError, args};

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorRow {
    /// Name.
    pub name: String,
    /// Whether it is told.
    pub enabled: bool,
    /// Where mail goes.
    pub email_address: Option<String>,
    /// Where pages go.
    pub pager_address: Option<String>,
    /// What is called.
    pub webhook_url: Option<String>,
}

/// Inserts an operator; false when the name is taken.
pub async fn insert(session: &mut Session, new: &OperatorRow) -> Result<bool, StoreError> {
    let inserted = session
        .execute(
            "INSERT INTO job_operator (name, name_key, enabled, email_address, pager_address,
                 webhook_url)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name_key) DO NOTHING",
            args![
                &new.name,
                name_key(&new.name),
                new.enabled,
                new.email_address.clone(),
                new.pager_address.clone(),
                new.webhook_url.clone()
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// The operator of that name.
pub async fn find(session: &mut Session, name: &str) -> Result<Option<OperatorRow>, StoreError> {
    let row = session
        .row(
            "SELECT * FROM job_operator WHERE name_key = $1",
            args![name_key(name)],
        )
        .await?;
    row.map(|row| {
        Ok(OperatorRow {
            name: row.get("name")?,
            enabled: row.get("enabled")?,
            email_address: row.get("email_address")?,
            pager_address: row.get("pager_address")?,
            webhook_url: row.get("webhook_url")?,
        })
    })
    .transpose()
}

/// Deletes an operator; jobs that named it tell nobody.
pub async fn delete(session: &mut Session, name: &str) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM job_operator WHERE name = $1",
        "UPDATE job SET email_operator = NULL WHERE email_operator = $1",
        "UPDATE job SET page_operator = NULL WHERE page_operator = $1",
        "UPDATE job SET webhook_operator = NULL WHERE webhook_operator = $1",
    ] {
        session.execute(sql, args![name]).await?;
    }
    Ok(())
}
