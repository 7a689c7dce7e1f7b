//! The history of jobs and their steps.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use scaleout_core::jobs::schedule::{day_number, duration_number, time_number};
use uuid::Uuid;

use super::super::{Session, StoreError, args};

/// Longest message of an entry, in characters.
const LONGEST: usize = 4000;

/// An entry to add.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The run.
    pub run_id: i64,
    /// The job.
    pub job_id: Uuid,
    /// Its name then.
    pub job_name: String,
    /// 0 for the whole run.
    pub step_id: i64,
    /// Its name.
    pub step_name: Option<String>,
    /// Number of an error of T-SQL.
    pub sql_message_id: i64,
    /// What happened.
    pub message: String,
    /// `run_status`
    pub status: i64,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Who gets mail.
    pub emailed: Option<String>,
    /// Who is paged.
    pub paged: Option<String>,
    /// Retries before.
    pub retries: i64,
    /// Where.
    pub server: String,
    /// The operation of the step.
    pub operation_id: Option<i64>,
}

/// A moment as day and time, on the clock of this machine.
pub fn local_numbers(moment: Timestamp) -> (i64, i64) {
    let zoned = moment.to_zoned(TimeZone::system());
    (day_number(zoned.date()), time_number(zoned.time()))
}

/// Adds an entry.
pub async fn insert(session: &mut Session, new: &NewEntry) -> Result<i64, StoreError> {
    let (date, time) = local_numbers(new.began);
    let seconds = new.ended.duration_since(new.began).as_secs();
    let message: String = new.message.chars().take(LONGEST).collect();
    let severity: i64 = if new.sql_message_id == 0 { 0 } else { 16 };
    let row = session
        .row(
            "INSERT INTO job_history (run_id, job_id, job_name, step_id, step_name, sql_message_id,
                 sql_severity, message, run_status, start_time, run_date, run_time, run_duration,
                 operator_emailed, operator_paged, retries_attempted, server, operation_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             RETURNING instance_id",
            args![
                new.run_id,
                new.job_id,
                &new.job_name,
                new.step_id,
                new.step_name.clone(),
                new.sql_message_id,
                severity,
                message,
                new.status,
                new.began,
                date,
                time,
                duration_number(seconds),
                new.emailed.clone(),
                new.paged.clone(),
                new.retries,
                &new.server,
                new.operation_id
            ],
        )
        .await?;
    super::returned(row, "instance_id")
}

/// Removes entries that began before a moment, of one job or of all; runs that have ended too.
pub async fn purge(
    session: &mut Session,
    job_id: Option<Uuid>,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let Some(job_id) = job_id else {
        let gone = session
            .execute(
                "DELETE FROM job_history WHERE start_time < $1",
                args![before],
            )
            .await?;
        session
            .execute(
                "DELETE FROM job_run WHERE state = 'ended' AND requested_time < $1",
                args![before],
            )
            .await?;
        return Ok(gone);
    };
    let gone = session
        .execute(
            "DELETE FROM job_history WHERE start_time < $1 AND job_id = $2",
            args![before, job_id],
        )
        .await?;
    session
        .execute(
            "DELETE FROM job_run WHERE state = 'ended' AND requested_time < $1 AND job_id = $2",
            args![before, job_id],
        )
        .await?;
    Ok(gone)
}

/// Whether there is anything of jobs that began before a moment and is over.
pub async fn has_old(session: &mut Session, before: Timestamp) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT 1 AS found FROM job_history WHERE start_time < $1 LIMIT 1",
            args![before],
        )
        .await?;
    Ok(row.is_some())
}

/// Removes at most so many entries that began before a moment, the oldest first, and as many runs
/// that have ended; how many rows. Notifications that were given up go with them.
pub async fn forget(
    session: &mut Session,
    before: Timestamp,
    most: u64,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    for sql in [
        "DELETE FROM job_history WHERE instance_id IN (SELECT instance_id FROM job_history
             WHERE start_time < $1 ORDER BY instance_id LIMIT $2)",
        "DELETE FROM job_run WHERE run_id IN (SELECT run_id FROM job_run
             WHERE state = 'ended' AND ended_time < $1 ORDER BY run_id LIMIT $2)",
        "DELETE FROM job_notification WHERE notification_id IN (
             SELECT n.notification_id FROM job_notification n
             LEFT JOIN job_run r ON r.run_id = n.run_id
             WHERE n.next_try IS NULL AND (r.run_id IS NULL OR r.ended_time < $1)
             ORDER BY n.notification_id LIMIT $2)",
    ] {
        gone += session.execute(sql, args![before, most]).await?;
    }
    Ok(gone)
}
