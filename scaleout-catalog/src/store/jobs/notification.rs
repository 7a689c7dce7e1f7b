//! Notifications that are to be sent.

use jiff::Timestamp;

use super::super::{Session, StoreError, args};

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Number; 0 before it is inserted.
    pub notification_id: i64,
    /// The run that it tells of.
    pub run_id: i64,
    /// `email` or `webhook`.
    pub method: String,
    /// Where it goes.
    pub address: String,
    /// The first line.
    pub subject: String,
    /// The text, or the JSON document.
    pub body: String,
    /// Tries so far.
    pub tries: u32,
}

/// Adds one.
pub async fn insert(
    session: &mut Session,
    new: &Notification,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO job_notification (run_id, method, address, subject, body, next_try)
             VALUES ($1, $2, $3, $4, $5, $6)",
            args![
                new.run_id,
                &new.method,
                &new.address,
                &new.subject,
                &new.body,
                now
            ],
        )
        .await?;
    Ok(())
}

/// Those whose time has come.
pub async fn due(session: &mut Session, now: Timestamp) -> Result<Vec<Notification>, StoreError> {
    let rows = session
        .rows(
            "SELECT * FROM job_notification WHERE next_try <= $1
             ORDER BY notification_id LIMIT 100",
            args![now],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Notification {
                notification_id: row.get("notification_id")?,
                run_id: row.get("run_id")?,
                method: row.get("method")?,
                address: row.get("address")?,
                subject: row.get("subject")?,
                body: row.get("body")?,
                tries: row.get("tries")?,
            })
        })
        .collect()
}

/// Takes one that is due for a try, until then; false when another master has taken it.
pub async fn claim(
    session: &mut Session,
    id: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let taken = session
        .execute(
            "UPDATE job_notification SET next_try = $3 WHERE notification_id = $1 AND next_try <= $2",
            args![id, now, until],
        )
        .await?;
    Ok(taken == 1)
}

/// Records a try: sent and gone, or to be tried again then, or given up.
pub async fn tried(
    session: &mut Session,
    id: i64,
    outcome: Result<(), (String, Option<Timestamp>)>,
) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => {
            session
                .execute(
                    "DELETE FROM job_notification WHERE notification_id = $1",
                    args![id],
                )
                .await?;
        }
        Err((error, again)) => {
            session
                .execute(
                    "UPDATE job_notification SET tries = tries + 1, last_error = $2, next_try = $3
                     WHERE notification_id = $1",
                    args![id, error, again],
                )
                .await?;
        }
    }
    Ok(())
}

/// When the next one is to be tried.
pub async fn next(session: &mut Session) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT min(next_try) AS at FROM job_notification WHERE next_try IS NOT NULL",
            args![],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get("at"))
}
