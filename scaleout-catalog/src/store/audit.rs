//! The record of who did what.

use jiff::Timestamp;

use super::{Session, StoreError, args};

/// Something that was done or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub time: Timestamp,
    /// Who, or as whom someone tried.
    pub login: String,
    /// From where.
    pub address: Option<String>,
    /// What.
    pub action: &'static str,
    /// To what: names and ids, never values.
    pub object: String,
    /// `done`, or the code of the refusal.
    pub outcome: String,
}

/// Adds an entry.
pub async fn insert(session: &mut Session, entry: &AuditEntry) -> Result<(), StoreError> {
    session
        .insert_later(
            "audit_event (audit_time, login_name, address, action, object, outcome)",
            args![
                entry.time,
                &entry.login,
                entry.address.clone(),
                entry.action,
                &entry.object,
                &entry.outcome
            ],
        )
        .await
}

/// Removes entries of that time and before, at most so many; says how many.
pub async fn remove(
    session: &mut Session,
    before: Timestamp,
    most: u64,
) -> Result<u64, StoreError> {
    session
        .execute(
            "DELETE FROM audit_event WHERE audit_id IN
                 (SELECT audit_id FROM audit_event WHERE audit_time <= $1
                  ORDER BY audit_time LIMIT $2)",
            args![before, most],
        )
        .await
}
