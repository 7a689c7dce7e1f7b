//! Steps of jobs.

use uuid::Uuid;

use super::super::{Args, Row, Session, StoreError, args};

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRow {
    /// Its job.
    pub job_id: Uuid,
    /// Number.
    pub step_id: i64,
    /// Id.
    pub step_uid: Uuid,
    /// Name.
    pub step_name: String,
    /// `TSQL`, `SSIS` or `CmdExec`.
    pub subsystem: String,
    /// What runs.
    pub command: Option<String>,
    /// Exit code of success.
    pub success_code: i64,
    /// 1 to 4.
    pub on_success_action: i64,
    /// With action 4.
    pub on_success_step_id: i64,
    /// 1 to 4.
    pub on_fail_action: i64,
    /// With action 4.
    pub on_fail_step_id: i64,
    /// Recorded.
    pub database_name: Option<String>,
    /// Recorded.
    pub database_user_name: Option<String>,
    /// How often again.
    pub retry_attempts: i64,
    /// Minutes.
    pub retry_interval: i64,
    /// The file.
    pub output_file_name: Option<String>,
    /// 2 appends.
    pub flags: i64,
    /// As whom.
    pub proxy_id: Option<i64>,
}

fn step(row: &Row) -> Result<StepRow, StoreError> {
    Ok(StepRow {
        job_id: row.get("job_id")?,
        step_id: row.get("step_id")?,
        step_uid: row.get("step_uid")?,
        step_name: row.get("step_name")?,
        subsystem: row.get("subsystem")?,
        command: row.get("command")?,
        success_code: row.get("cmdexec_success_code")?,
        on_success_action: row.get("on_success_action")?,
        on_success_step_id: row.get("on_success_step_id")?,
        on_fail_action: row.get("on_fail_action")?,
        on_fail_step_id: row.get("on_fail_step_id")?,
        database_name: row.get("database_name")?,
        database_user_name: row.get("database_user_name")?,
        retry_attempts: row.get("retry_attempts")?,
        retry_interval: row.get("retry_interval")?,
        output_file_name: row.get("output_file_name")?,
        flags: row.get("flags")?,
        proxy_id: row.get("proxy_id")?,
    })
}

/// All steps of a job, in their order.
pub async fn all(session: &mut Session, job_id: Uuid) -> Result<Vec<StepRow>, StoreError> {
    let rows = session
        .rows(
            "SELECT * FROM job_step WHERE job_id = $1 ORDER BY step_id",
            args![job_id],
        )
        .await?;
    rows.iter().map(step).collect()
}

/// Makes room for a step: those from `step_id` on move by one, and who goes to one of them too.
pub async fn make_room(
    session: &mut Session,
    job_id: Uuid,
    step_id: i64,
) -> Result<(), StoreError> {
    for sql in [
        // By way of negative numbers, since each is unique at every moment.
        "UPDATE job_step SET step_id = -(step_id + 1) WHERE job_id = $1 AND step_id >= $2",
        "UPDATE job_step SET step_id = -step_id WHERE job_id = $1 AND step_id < 0 AND step_id <> $2",
        "UPDATE job_step SET on_success_step_id = on_success_step_id + 1
         WHERE job_id = $1 AND on_success_step_id >= $2",
        "UPDATE job_step SET on_fail_step_id = on_fail_step_id + 1
         WHERE job_id = $1 AND on_fail_step_id >= $2",
    ] {
        session.execute(sql, args![job_id, step_id]).await?;
    }
    Ok(())
}

/// Inserts a step.
pub async fn insert(session: &mut Session, step: &StepRow) -> Result<(), StoreError> {
    let mut values = written(step);
    values.push(step.step_uid.into());
    session
        .execute(
            "INSERT INTO job_step (job_id, step_id, step_name, subsystem, command,
                 cmdexec_success_code, on_success_action, on_success_step_id, on_fail_action,
                 on_fail_step_id, database_name, database_user_name, retry_attempts, retry_interval,
                 output_file_name, flags, proxy_id, step_uid)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
            values,
        )
        .await?;
    Ok(())
}

/// What both ways of writing a step have in common, in the order of their columns: $1 to $17.
fn written(step: &StepRow) -> Args {
    args![
        step.job_id,
        step.step_id,
        &step.step_name,
        &step.subsystem,
        step.command.clone(),
        step.success_code,
        step.on_success_action,
        step.on_success_step_id,
        step.on_fail_action,
        step.on_fail_step_id,
        step.database_name.clone(),
        step.database_user_name.clone(),
        step.retry_attempts,
        step.retry_interval,
        step.output_file_name.clone(),
        step.flags,
        step.proxy_id
    ]
}

/// Writes everything of a step but its number.
pub async fn update(session: &mut Session, step: &StepRow) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE job_step SET step_name = $3, subsystem = $4, command = $5,
                 cmdexec_success_code = $6, on_success_action = $7, on_success_step_id = $8,
                 on_fail_action = $9, on_fail_step_id = $10, database_name = $11,
                 database_user_name = $12, retry_attempts = $13, retry_interval = $14,
                 output_file_name = $15, flags = $16, proxy_id = $17
             WHERE job_id = $1 AND step_id = $2",
            written(step),
        )
        .await?;
    Ok(())
}

/// Deletes a step, or all for 0; those behind it move back. Who went to it ends the run.
pub async fn delete(session: &mut Session, job_id: Uuid, step_id: i64) -> Result<(), StoreError> {
    if step_id == 0 {
        session
            .execute("DELETE FROM job_step WHERE job_id = $1", args![job_id])
            .await?;
        return Ok(());
    }
    for sql in [
        "DELETE FROM job_step WHERE job_id = $1 AND step_id = $2",
        "UPDATE job_step SET on_success_action = 1, on_success_step_id = 0
         WHERE job_id = $1 AND on_success_action = 4 AND on_success_step_id = $2",
        "UPDATE job_step SET on_fail_action = 2, on_fail_step_id = 0
         WHERE job_id = $1 AND on_fail_action = 4 AND on_fail_step_id = $2",
        "UPDATE job_step SET step_id = -(step_id - 1) WHERE job_id = $1 AND step_id > $2",
        "UPDATE job_step SET step_id = -step_id WHERE job_id = $1 AND step_id < 0 AND step_id <> $2",
        "UPDATE job_step SET on_success_step_id = on_success_step_id - 1
         WHERE job_id = $1 AND on_success_step_id > $2",
        "UPDATE job_step SET on_fail_step_id = on_fail_step_id - 1
         WHERE job_id = $1 AND on_fail_step_id > $2",
    ] {
        session.execute(sql, args![job_id, step_id]).await?;
    }
    Ok(())
}

/// How a step ran last.
#[derive(Clone, Copy, Debug)]
pub struct LastRun {
    /// `run_status`
    pub status: i64,
    /// How long.
    pub seconds: i64,
    /// How often again.
    pub retries: i64,
    /// Day and time.
    pub began: (i64, i64),
}

/// Records how a step ran last.
pub async fn note_run(
    session: &mut Session,
    job_id: Uuid,
    step_id: i64,
    last: LastRun,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE job_step SET last_run_outcome = $3, last_run_seconds = $4, last_run_retries = $5,
                 last_run_date = $6, last_run_time = $7
             WHERE job_id = $1 AND step_id = $2",
            args![
                job_id,
                step_id,
                last.status,
                last.seconds,
                last.retries,
                last.began.0,
                last.began.1
            ],
        )
        .await?;
    Ok(())
}

/// Names of the jobs whose steps use a proxy.
pub async fn jobs_with_proxy(
    session: &mut Session,
    proxy_id: i64,
) -> Result<Vec<String>, StoreError> {
    let rows = session
        .rows(
            "SELECT DISTINCT j.name FROM job j JOIN job_step s ON s.job_id = j.job_id
             WHERE s.proxy_id = $1 ORDER BY j.name",
            args![proxy_id],
        )
        .await?;
    rows.iter().map(|row| row.get("name")).collect()
}
