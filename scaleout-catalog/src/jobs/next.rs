//! When schedules start a job next.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{CatalogError, JobError};
use crate::store::Session;
use crate::store::jobs::schedule::{self, ScheduleRow};

/// Lets a schedule start a job, counted from now.
pub async fn attach(
    session: &mut Session,
    job_id: Uuid,
    row: &ScheduleRow,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let read = row.read().map_err(JobError::from)?;
    let next = read.next_after(now);
    schedule::attach(session, job_id, row.schedule_id, &read, next).await?;
    Ok(())
}

/// Counts all schedules of a job anew, from now.
pub async fn of_job(
    session: &mut Session,
    job_id: Uuid,
    now: Timestamp,
) -> Result<(), CatalogError> {
    for id in schedule::of_job(session, job_id).await? {
        if let Some(row) = schedule::find(session, id).await? {
            attach(session, job_id, &row, now).await?;
        }
    }
    Ok(())
}
