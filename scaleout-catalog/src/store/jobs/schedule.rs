//! Schedules, and which job each of them starts when.

use jiff::Timestamp;
use scaleout_core::jobs::schedule::{Schedule, ScheduleFault, ScheduleNumbers, zone};
use scaleout_core::jobs::schedule::{day_number, time_number};
use scaleout_core::model::identifier::name_key;
use uuid::Uuid;

use super::super::{Row, Session, StoreError, args};

/// A schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleRow {
    /// Id; 0 before it is inserted.
    pub schedule_id: i64,
    /// Id for other servers.
    pub schedule_uid: Uuid,
    /// Name.
    pub name: String,
    /// Whose.
    pub owner_name: String,
    /// Whether it starts jobs.
    pub enabled: bool,
    /// When.
    pub numbers: ScheduleNumbers,
    /// Where its clock hangs.
    pub time_zone: String,
}

impl ScheduleRow {
    /// What the numbers mean.
    pub fn read(&self) -> Result<Schedule, ScheduleFault> {
        self.numbers.read(zone(&self.time_zone)?)
    }
}

fn schedule(row: &Row) -> Result<ScheduleRow, StoreError> {
    Ok(ScheduleRow {
        schedule_id: row.get("schedule_id")?,
        schedule_uid: row.get("schedule_uid")?,
        name: row.get("name")?,
        owner_name: row.get("owner_name")?,
        enabled: row.get("enabled")?,
        numbers: ScheduleNumbers {
            freq_type: row.get("freq_type")?,
            freq_interval: row.get("freq_interval")?,
            freq_subday_type: row.get("freq_subday_type")?,
            freq_subday_interval: row.get("freq_subday_interval")?,
            freq_relative_interval: row.get("freq_relative_interval")?,
            freq_recurrence_factor: row.get("freq_recurrence_factor")?,
            active_start_date: row.get("active_start_date")?,
            active_end_date: row.get("active_end_date")?,
            active_start_time: row.get("active_start_time")?,
            active_end_time: row.get("active_end_time")?,
        },
        time_zone: row.get("time_zone")?,
    })
}

/// The schedule with that id.
pub async fn find(session: &mut Session, id: i64) -> Result<Option<ScheduleRow>, StoreError> {
    let row = session
        .row("SELECT * FROM schedule WHERE schedule_id = $1", args![id])
        .await?;
    row.as_ref().map(schedule).transpose()
}

/// The schedules of that name.
pub async fn find_by_name(
    session: &mut Session,
    name: &str,
) -> Result<Vec<ScheduleRow>, StoreError> {
    let rows = session
        .rows(
            "SELECT * FROM schedule WHERE name_key = $1 ORDER BY schedule_id",
            args![name_key(name)],
        )
        .await?;
    rows.iter().map(schedule).collect()
}

/// Inserts a schedule.
pub async fn insert(
    session: &mut Session,
    new: &ScheduleRow,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let numbers = &new.numbers;
    let row = session
        .row(
            "INSERT INTO schedule (schedule_uid, name, name_key, owner_name, owner_key, enabled,
                 freq_type, freq_interval, freq_subday_type, freq_subday_interval,
                 freq_relative_interval, freq_recurrence_factor, active_start_date, active_end_date,
                 active_start_time, active_end_time, time_zone, date_created, date_modified)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $18) RETURNING schedule_id",
            args![
                new.schedule_uid,
                &new.name,
                name_key(&new.name),
                &new.owner_name,
                name_key(&new.owner_name),
                new.enabled,
                numbers.freq_type,
                numbers.freq_interval,
                numbers.freq_subday_type,
                numbers.freq_subday_interval,
                numbers.freq_relative_interval,
                numbers.freq_recurrence_factor,
                numbers.active_start_date,
                numbers.active_end_date,
                numbers.active_start_time,
                numbers.active_end_time,
                &new.time_zone,
                now
            ],
        )
        .await?;
    super::returned(row, "schedule_id")
}

/// Writes everything of a schedule but its ids.
pub async fn update(
    session: &mut Session,
    changed: &ScheduleRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let numbers = &changed.numbers;
    session
        .execute(
            "UPDATE schedule SET name = $2, name_key = $3, owner_name = $4, owner_key = $5,
                 enabled = $6, freq_type = $7, freq_interval = $8, freq_subday_type = $9,
                 freq_subday_interval = $10, freq_relative_interval = $11,
                 freq_recurrence_factor = $12, active_start_date = $13, active_end_date = $14,
                 active_start_time = $15, active_end_time = $16, time_zone = $17,
                 date_modified = $18, version_number = version_number + 1
             WHERE schedule_id = $1",
            args![
                changed.schedule_id,
                &changed.name,
                name_key(&changed.name),
                &changed.owner_name,
                name_key(&changed.owner_name),
                changed.enabled,
                numbers.freq_type,
                numbers.freq_interval,
                numbers.freq_subday_type,
                numbers.freq_subday_interval,
                numbers.freq_relative_interval,
                numbers.freq_recurrence_factor,
                numbers.active_start_date,
                numbers.active_end_date,
                numbers.active_start_time,
                numbers.active_end_time,
                &changed.time_zone,
                now
            ],
        )
        .await?;
    Ok(())
}

/// Deletes a schedule and all uses of it.
pub async fn delete(session: &mut Session, id: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM job_schedule WHERE schedule_id = $1",
        "DELETE FROM schedule WHERE schedule_id = $1",
    ] {
        session.execute(sql, args![id]).await?;
    }
    Ok(())
}

/// Ids of the schedules of a job.
pub async fn of_job(session: &mut Session, job_id: Uuid) -> Result<Vec<i64>, StoreError> {
    let rows = session
        .rows(
            "SELECT schedule_id FROM job_schedule WHERE job_id = $1 ORDER BY schedule_id",
            args![job_id],
        )
        .await?;
    rows.iter().map(|row| row.get("schedule_id")).collect()
}

/// Ids and names of the jobs of a schedule.
pub async fn jobs(session: &mut Session, id: i64) -> Result<Vec<(Uuid, String)>, StoreError> {
    let rows = session
        .rows(
            "SELECT j.job_id, j.name FROM job j JOIN job_schedule s ON s.job_id = j.job_id
             WHERE s.schedule_id = $1 ORDER BY j.name",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("job_id")?, row.get("name")?)))
        .collect()
}

/// A moment with what the wall of a schedule shows then.
fn shown(schedule: &Schedule, next: Option<Timestamp>) -> (i64, i64) {
    next.map_or((0, 0), |next| {
        let zoned = next.to_zoned(schedule.zone.clone());
        (day_number(zoned.date()), time_number(zoned.time()))
    })
}

/// Lets a schedule start a job, next at that moment; again for one that does.
pub async fn attach(
    session: &mut Session,
    job_id: Uuid,
    schedule_id: i64,
    schedule: &Schedule,
    next: Option<Timestamp>,
) -> Result<(), StoreError> {
    let (date, time) = shown(schedule, next);
    session
        .execute(
            "INSERT INTO job_schedule (job_id, schedule_id, next_run, next_run_date, next_run_time)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (job_id, schedule_id) DO UPDATE SET next_run = excluded.next_run,
                 next_run_date = excluded.next_run_date, next_run_time = excluded.next_run_time",
            args![job_id, schedule_id, next, date, time],
        )
        .await?;
    Ok(())
}

/// Lets a schedule no longer start a job; whether it did.
pub async fn detach(
    session: &mut Session,
    job_id: Uuid,
    schedule_id: i64,
) -> Result<bool, StoreError> {
    let gone = session
        .execute(
            "DELETE FROM job_schedule WHERE job_id = $1 AND schedule_id = $2",
            args![job_id, schedule_id],
        )
        .await?;
    Ok(gone == 1)
}

/// A time of a schedule of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The job.
    pub job_id: Uuid,
    /// The schedule.
    pub schedule_id: i64,
    /// The time.
    pub at: Timestamp,
}

/// Times that have come, of what is enabled; earliest first.
pub async fn due(session: &mut Session, now: Timestamp, most: u32) -> Result<Vec<Due>, StoreError> {
    let rows = session
        .rows(
            "SELECT n.job_id, n.schedule_id, n.next_run FROM job_schedule n
             JOIN schedule s ON s.schedule_id = n.schedule_id
             JOIN job j ON j.job_id = n.job_id
             WHERE n.next_run <= $1 AND s.enabled = TRUE AND j.enabled = TRUE
             ORDER BY n.next_run LIMIT $2",
            args![now, most],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                job_id: row.get("job_id")?,
                schedule_id: row.get("schedule_id")?,
                at: row.get("next_run")?,
            })
        })
        .collect()
}

/// Moves on from a time, if nobody has yet: whoever gets true fires it.
pub async fn take(
    session: &mut Session,
    due: Due,
    schedule: &Schedule,
    next: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let (date, time) = shown(schedule, next);
    let taken = session
        .execute(
            "UPDATE job_schedule SET next_run = $4, next_run_date = $5, next_run_time = $6
             WHERE job_id = $1 AND schedule_id = $2 AND next_run = $3",
            args![due.job_id, due.schedule_id, due.at, next, date, time],
        )
        .await?;
    Ok(taken == 1)
}

/// Jobs and schedules of a kind that no clock fires (64, 128), of what is enabled.
pub async fn of_type(
    session: &mut Session,
    freq_type: i64,
) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let rows = session
        .rows(
            "SELECT n.job_id, n.schedule_id FROM job_schedule n
             JOIN schedule s ON s.schedule_id = n.schedule_id
             JOIN job j ON j.job_id = n.job_id
             WHERE s.freq_type = $1 AND s.enabled = TRUE AND j.enabled = TRUE
             ORDER BY n.schedule_id",
            args![freq_type],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("job_id")?, row.get("schedule_id")?)))
        .collect()
}

/// The earliest time that comes, of what is enabled.
pub async fn next(session: &mut Session) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT min(n.next_run) AS at FROM job_schedule n
             JOIN schedule s ON s.schedule_id = n.schedule_id
             JOIN job j ON j.job_id = n.job_id
             WHERE n.next_run IS NOT NULL AND s.enabled = TRUE AND j.enabled = TRUE",
            args![],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get("at"))
}
