//! Jobs.

use jiff::Timestamp;
use scaleout_core::jobs::policy::{Missed, Overlap};
use scaleout_core::model::identifier::name_key;
use uuid::Uuid;

use super::super::{Args, Row, Session, StoreError, args};

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    /// Id.
    pub job_id: Uuid,
    /// Name.
    pub name: String,
    /// Whether its schedules start it.
    pub enabled: bool,
    /// What it is for.
    pub description: Option<String>,
    /// First step.
    pub start_step_id: i64,
    /// Recorded only.
    pub category_name: Option<String>,
    /// As whom it runs.
    pub owner_name: String,
    /// Levels: 0 never, 1 success, 2 failure, 3 always.
    pub levels: Levels,
    /// Who gets mail.
    pub email_operator: Option<String>,
    /// Recorded only.
    pub netsend_operator: Option<String>,
    /// Who is paged.
    pub page_operator: Option<String>,
    /// Whose webhook is called.
    pub webhook_operator: Option<String>,
    /// While it runs.
    pub overlap: Overlap,
    /// After an outage.
    pub missed: Missed,
    /// `(local)` or the name of a worker; `None` without a target.
    pub server_name: Option<String>,
    /// The worker.
    pub target_worker: Option<Uuid>,
}

/// When somebody is told, and when the job is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Recorded only.
    pub eventlog: i64,
    /// Mail.
    pub email: i64,
    /// Recorded only.
    pub netsend: i64,
    /// Pager.
    pub page: i64,
    /// Webhook.
    pub webhook: i64,
    /// Deletion.
    pub delete: i64,
}

fn job(row: &Row) -> Result<JobRow, StoreError> {
    let damaged = |column: &str| StoreError::Damaged {
        column: column.to_owned(),
    };
    Ok(JobRow {
        job_id: row.get("job_id")?,
        name: row.get("name")?,
        enabled: row.get("enabled")?,
        description: row.get("description")?,
        start_step_id: row.get("start_step_id")?,
        category_name: row.get("category_name")?,
        owner_name: row.get("owner_name")?,
        levels: Levels {
            eventlog: row.get("notify_level_eventlog")?,
            email: row.get("notify_level_email")?,
            netsend: row.get("notify_level_netsend")?,
            page: row.get("notify_level_page")?,
            webhook: row.get("notify_level_webhook")?,
            delete: row.get("delete_level")?,
        },
        email_operator: row.get("email_operator")?,
        netsend_operator: row.get("netsend_operator")?,
        page_operator: row.get("page_operator")?,
        webhook_operator: row.get("webhook_operator")?,
        overlap: Overlap::from_name(&row.get::<String>("overlap_policy")?)
            .ok_or_else(|| damaged("overlap_policy"))?,
        missed: Missed::from_name(&row.get::<String>("missed_run_policy")?)
            .ok_or_else(|| damaged("missed_run_policy"))?,
        server_name: row.get("server_name")?,
        target_worker: row.get("target_worker")?,
    })
}

/// The job with that id.
pub async fn find(session: &mut Session, job_id: Uuid) -> Result<Option<JobRow>, StoreError> {
    let row = session
        .row("SELECT * FROM job WHERE job_id = $1", args![job_id])
        .await?;
    row.as_ref().map(job).transpose()
}

/// The job of that name.
pub async fn find_by_name(session: &mut Session, name: &str) -> Result<Option<JobRow>, StoreError> {
    let row = session
        .row(
            "SELECT * FROM job WHERE name_key = $1",
            args![name_key(name)],
        )
        .await?;
    row.as_ref().map(job).transpose()
}

/// Inserts a job; false when the name is taken.
pub async fn insert(
    session: &mut Session,
    job: &JobRow,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut values = written(job);
    values.push(now.into());
    let inserted = session
        .execute(
            "INSERT INTO job (job_id, name, name_key, enabled, description, start_step_id,
                 category_name, owner_name, owner_key, notify_level_eventlog, notify_level_email,
                 notify_level_netsend, notify_level_page, notify_level_webhook, email_operator,
                 netsend_operator, page_operator, webhook_operator, delete_level, overlap_policy,
                 missed_run_policy, date_created, date_modified)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $22) ON CONFLICT (name_key) DO NOTHING",
            values,
        )
        .await?;
    Ok(inserted == 1)
}

/// What both ways of writing a job have in common, in the order of their columns: $1 to $21.
fn written(job: &JobRow) -> Args {
    args![
        job.job_id,
        &job.name,
        name_key(&job.name),
        job.enabled,
        job.description.clone(),
        job.start_step_id,
        job.category_name.clone(),
        &job.owner_name,
        name_key(&job.owner_name),
        job.levels.eventlog,
        job.levels.email,
        job.levels.netsend,
        job.levels.page,
        job.levels.webhook,
        job.email_operator.clone(),
        job.netsend_operator.clone(),
        job.page_operator.clone(),
        job.webhook_operator.clone(),
        job.levels.delete,
        job.overlap.as_str(),
        job.missed.as_str()
    ]
}

/// Writes everything of a job but its id.
pub async fn update(session: &mut Session, job: &JobRow, now: Timestamp) -> Result<(), StoreError> {
    let mut values = written(job);
    values.extend(args![job.server_name.clone(), job.target_worker, now]);
    session
        .execute(
            "UPDATE job SET name = $2, name_key = $3, enabled = $4, description = $5,
                 start_step_id = $6, category_name = $7, owner_name = $8, owner_key = $9,
                 notify_level_eventlog = $10, notify_level_email = $11, notify_level_netsend = $12,
                 notify_level_page = $13, notify_level_webhook = $14, email_operator = $15,
                 netsend_operator = $16, page_operator = $17, webhook_operator = $18,
                 delete_level = $19, overlap_policy = $20, missed_run_policy = $21,
                 server_name = $22, target_worker = $23, date_modified = $24,
                 version_number = version_number + 1
             WHERE job_id = $1",
            values,
        )
        .await?;
    Ok(())
}

/// Records how a job ran last.
pub async fn note_run(
    session: &mut Session,
    job_id: Uuid,
    (date, time): (i64, i64),
    outcome: i64,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE job SET last_run_date = $2, last_run_time = $3, last_run_outcome = $4
             WHERE job_id = $1",
            args![job_id, date, time, outcome],
        )
        .await?;
    Ok(())
}

/// Deletes a job with its steps and its uses of schedules; the history on demand.
pub async fn delete(
    session: &mut Session,
    job_id: Uuid,
    with_history: bool,
) -> Result<(), StoreError> {
    let mut all = vec![
        "DELETE FROM job_step WHERE job_id = $1",
        "DELETE FROM job_schedule WHERE job_id = $1",
    ];
    if with_history {
        all.push("DELETE FROM job_history WHERE job_id = $1");
        all.push("DELETE FROM job_run WHERE job_id = $1");
    }
    all.push("DELETE FROM job WHERE job_id = $1");
    for sql in all {
        session.execute(sql, args![job_id]).await?;
    }
    Ok(())
}
