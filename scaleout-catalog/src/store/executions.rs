//! Executions and their state, which only guarded updates move.

use jiff::Timestamp;
use scaleout_core::lease::{ExecutionState, Lease, Rerun, Tally};
use scaleout_core::model::{OperationStatus, OperationType};
use uuid::Uuid;

use super::session::Dialect;
use super::{Args, Row, Session, StoreError, args};

/// What an execution is made from.
#[derive(Clone, Debug)]
pub struct NewExecution {
    /// The operation that it is.
    pub execution_id: i64,
    /// Folder of its project.
    pub folder_name: String,
    /// Project.
    pub project_name: String,
    /// Package.
    pub package_name: String,
    /// Project.
    pub project_id: i64,
    /// Version of the project.
    pub project_lsn: i64,
    /// File of that version.
    pub project_hash: String,
    /// Recorded only.
    pub use32bitruntime: bool,
    /// Asked for in Scale Out.
    pub run_in_scale_out: bool,
    /// Not only workers that were added.
    pub any_worker: bool,
    /// The environment that gives values.
    pub environment: Option<UsedReference>,
    /// What options are worth that are not set; `None` where it has no options, or rows for all.
    pub defaults: Option<DefaultOptions>,
}

/// What the catalog says of options that an execution does not set itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultOptions {
    /// `LOGGING_LEVEL`
    pub level: String,
    /// `CUSTOMIZED_LOGGING_LEVEL`
    pub customized_level: Option<String>,
    /// `SCALE_OUT_CHILD_PACKAGES`
    pub children: bool,
}

/// The reference that an execution is created with, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedReference {
    /// The reference.
    pub reference_id: i64,
    /// `R` or `A`.
    pub reference_type: &'static str,
    /// Folder of the environment.
    pub folder: String,
    /// The environment.
    pub environment: String,
}

/// An execution with its state.
#[derive(Clone, Debug)]
pub struct ExecutionRow {
    /// Id.
    pub execution_id: i64,
    /// Folder of its project.
    pub folder_name: String,
    /// Project.
    pub project_name: String,
    /// Package.
    pub package_name: String,
    /// Project.
    pub project_id: i64,
    /// Version of the project when it was created.
    pub project_lsn: i64,
    /// File of that version.
    pub project_hash: String,
    /// Asked for in Scale Out.
    pub run_in_scale_out: bool,
    /// Not only workers that were added.
    pub any_worker: bool,
    /// Whether it may run more than once.
    pub rerun: Rerun,
    /// Who created it.
    pub caller_name: String,
    /// The execution whose package runs it as a child.
    pub parent_id: Option<i64>,
    /// Its package has run children as executions of their own.
    pub has_children: bool,
    /// Where it stands.
    pub state: ExecutionState,
    /// Packages are validated, not run.
    pub is_validation: bool,
}

/// Folder and name of the environment that an execution took values from.
pub async fn environment(
    session: &mut Session,
    execution_id: i64,
) -> Result<Option<(String, String)>, StoreError> {
    let row = session
        .row(
            "SELECT environment_folder_name, environment_name FROM execution
             WHERE execution_id = $1 AND environment_name IS NOT NULL",
            args![execution_id],
        )
        .await?;
    row.map(|row| {
        Ok((
            row.get("environment_folder_name")?,
            row.get("environment_name")?,
        ))
    })
    .transpose()
}

/// Columns of an [`ExecutionRow`].
pub(super) const COLUMNS: &str =
    "e.execution_id, e.folder_name, e.project_name, e.package_name, e.project_id,
    e.project_lsn, e.project_hash, e.run_in_scale_out, e.any_worker, e.retry_count, e.at_most_once,
    e.parent_id, e.has_children, o.caller_name,
    o.status, o.attempts, o.failures, o.lost, o.handed_back, o.lease_worker, o.lease_until,
    o.operation_type";

/// Inserts an execution whose operation is there.
pub async fn insert(session: &mut Session, new: &NewExecution) -> Result<(), StoreError> {
    let used = new.environment.as_ref();
    let defaults = new.defaults.as_ref();
    session
        .insert_later(
            "execution (execution_id, folder_name, project_name, package_name, project_id,
                 project_lsn, project_hash, use32bitruntime, run_in_scale_out, any_worker, reference_id,
                 reference_type, environment_folder_name, environment_name, default_level,
                 default_customized_level, default_children)",
            args![
                new.execution_id,
                &new.folder_name,
                &new.project_name,
                &new.package_name,
                new.project_id,
                new.project_lsn,
                &new.project_hash,
                new.use32bitruntime,
                new.run_in_scale_out,
                new.any_worker,
                used.map(|used| used.reference_id),
                used.map(|used| used.reference_type),
                used.map(|used| &used.folder),
                used.map(|used| &used.environment),
                defaults.map(|defaults| &defaults.level),
                defaults.and_then(|defaults| defaults.customized_level.as_ref()),
                defaults.map(|defaults| defaults.children)
            ],
        )
        .await
}

/// Keeps executions as they are until the end of the transaction, but for what it does itself: what is
/// read of them afterwards holds. It takes a statement of its own, since a statement that waited for a
/// lock sees other tables as they were before. A file has one writer, who needs no lock.
pub async fn lock(session: &mut Session, ids: &[i64]) -> Result<(), StoreError> {
    if session.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    session
        .rows(
            "SELECT operation_id FROM operation WHERE operation_id = ANY (CAST($1::text AS bigint[]))
             ORDER BY operation_id FOR NO KEY UPDATE",
            args![array_of(ids)],
        )
        .await?;
    session.note_locks();
    Ok(())
}

/// Ids as a server reads an array of them from text.
pub fn array_of<I: ToString>(ids: &[I]) -> String {
    let ids: Vec<String> = ids.iter().map(I::to_string).collect();
    format!("{{{}}}", ids.join(","))
}

/// The execution with that id.
pub async fn find(
    session: &mut Session,
    execution_id: i64,
) -> Result<Option<ExecutionRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM execution e JOIN operation o ON o.operation_id = e.execution_id
         WHERE e.execution_id = $1"
    );
    let row = session.row(sql, args![execution_id]).await?;
    row.as_ref().map(execution_row).transpose()
}

/// Executions whose lease has ended by now, oldest first.
pub async fn expired(
    session: &mut Session,
    now: Timestamp,
) -> Result<Vec<ExecutionRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM execution e JOIN operation o ON o.operation_id = e.execution_id
         WHERE o.lease_until IS NOT NULL AND o.lease_until <= $1 ORDER BY o.lease_until"
    );
    let rows = session.rows(sql, args![now]).await?;
    rows.iter().map(execution_row).collect()
}

/// Executions that a worker holds.
pub async fn held_by(session: &mut Session, worker: Uuid) -> Result<Vec<ExecutionRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM execution e JOIN operation o ON o.operation_id = e.execution_id
         WHERE o.lease_worker = $1 ORDER BY e.execution_id"
    );
    let rows = session.rows(sql, args![worker]).await?;
    rows.iter().map(execution_row).collect()
}

/// From a row with [`COLUMNS`].
pub(super) fn execution_row(row: &Row) -> Result<ExecutionRow, StoreError> {
    Ok(ExecutionRow {
        execution_id: row.get("execution_id")?,
        folder_name: row.get("folder_name")?,
        project_name: row.get("project_name")?,
        package_name: row.get("package_name")?,
        project_id: row.get("project_id")?,
        project_lsn: row.get("project_lsn")?,
        project_hash: row.get("project_hash")?,
        run_in_scale_out: row.get("run_in_scale_out")?,
        any_worker: row.get("any_worker")?,
        rerun: if row.get("at_most_once")? {
            Rerun::Never
        } else {
            Rerun::AfterFailures(row.get("retry_count")?)
        },
        caller_name: row.get("caller_name")?,
        parent_id: row.get("parent_id")?,
        has_children: row.get("has_children")?,
        state: state(row)?,
        is_validation: row.get::<i64>("operation_type")? != OperationType::Execution.number(),
    })
}

fn state(row: &Row) -> Result<ExecutionState, StoreError> {
    let tally = Tally {
        attempts: row.get("attempts")?,
        failures: row.get("failures")?,
        lost: row.get("lost")?,
        handed_back: row.get("handed_back")?,
    };
    let worker: Option<Uuid> = row.get("lease_worker")?;
    let until: Option<Timestamp> = row.get("lease_until")?;
    let lease = worker
        .zip(until)
        .map(|(worker, until)| Lease { worker, until });
    OperationStatus::from_number(row.get("status")?)
        .and_then(|status| ExecutionState::from_row(status, tally, lease))
        .ok_or_else(|| StoreError::Damaged {
            column: "status".into(),
        })
}

/// Moves the execution `$1` that has still the status `$2` and so many attempts `$3`; see [`moving`].
/// `+ 0` keeps a server that knows little of the table from looking through all with that status.
macro_rules! move_operation {
    () => {
        "UPDATE operation SET status = $4, attempts = $5, failures = $6, lost = $7,
             lease_worker = $8, lease_until = $9,
             last_worker = coalesce($8, last_worker),
             process_id = CASE WHEN $8 IS NULL THEN NULL ELSE process_id END,
             start_time = CASE WHEN $8 IS NULL THEN start_time ELSE coalesce(start_time, $10) END,
             end_time = CASE WHEN $11 THEN $10 ELSE NULL END,
             pending_since = CASE WHEN $12 THEN $10 ELSE NULL END, handed_back = $13
         WHERE operation_id = $1 AND status + 0 = $2 AND attempts = $3"
    };
}
pub(super) use move_operation;

/// As `move_operation`, for many on a server: an array in the place of each argument, and further ones
/// with their names. What was moved is `moved` in a `WITH`.
macro_rules! move_operations {
    ($arrays:literal, $names:literal) => {
        concat!(
            "n AS (
             SELECT * FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[],
                 $5::integer[], $6::integer[], $7::integer[], $8::uuid[], $9::timestamptz[],
                 $10::timestamptz[], $11::boolean[], $12::boolean[], $13::bigint[]",
            $arrays,
            ")
             n (id, status_was, attempts_were, status, attempts, failures, lost, lease_worker,
                 lease_until, moved, is_over, waits, handed_back",
            $names,
            ")),
         moved AS (
             UPDATE operation o SET status = n.status, attempts = n.attempts,
                 failures = n.failures, lost = n.lost, lease_worker = n.lease_worker,
                 lease_until = n.lease_until,
                 last_worker = coalesce(n.lease_worker, o.last_worker),
                 process_id = CASE WHEN n.lease_worker IS NULL THEN NULL ELSE o.process_id END,
                 start_time = CASE WHEN n.lease_worker IS NULL THEN o.start_time
                     ELSE coalesce(o.start_time, n.moved) END,
                 end_time = CASE WHEN n.is_over THEN n.moved ELSE NULL END,
                 pending_since = CASE WHEN n.waits THEN n.moved ELSE NULL END,
                 handed_back = n.handed_back
             FROM n WHERE o.operation_id = n.id AND o.status + 0 = n.status_was
                 AND o.attempts = n.attempts_were
             RETURNING n.*)"
        )
    };
}
pub(super) use move_operations;

/// Arguments of `move_operation`, which are thirteen.
pub(super) fn moving(
    execution_id: i64,
    (from, to): (ExecutionState, ExecutionState),
    now: Timestamp,
) -> Args {
    let tally = to.tally();
    let lease = to.lease();
    args![
        execution_id,
        from.status().number(),
        from.tally().attempts,
        to.status().number(),
        tally.attempts,
        tally.failures,
        tally.lost,
        lease.map(|lease| lease.worker),
        lease.map(|lease| lease.until),
        now,
        to.status().is_terminal(),
        to.status() == OperationStatus::Pending,
        tally.handed_back
    ]
}

/// Wakes who waits for an execution to move to this state.
pub(super) fn wake(session: &mut Session, to: ExecutionState) {
    if to.status().is_terminal() {
        session.wake_waiters();
    }
    if to.status() == OperationStatus::Stopping {
        session.wake_holders();
    }
    // A grant is the scheduler's own doing; everything else gives it something to do.
    if to.status() != OperationStatus::Running {
        session.wake_scheduler();
    }
}

/// Moves an execution from one state to the next; false when it is no longer in the first, and
/// then nothing was changed.
pub async fn move_state(
    session: &mut Session,
    execution_id: i64,
    from: ExecutionState,
    to: ExecutionState,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let args = moving(execution_id, (from, to), now);
    let changed = session.execute(move_operation!(), args).await?;
    if changed == 1 {
        wake(session, to);
    }
    Ok(changed == 1)
}

/// Moves only the end of a lease: no other state is touched and nobody needs to wake up.
pub async fn extend(
    session: &mut Session,
    execution_id: i64,
    attempt: u32,
    worker: Uuid,
    until: Timestamp,
    process_id: Option<u32>,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE operation SET lease_until = $4, process_id = coalesce($5, process_id)
             WHERE operation_id = $1 AND attempts = $2 AND lease_worker = $3",
            args![execution_id, attempt, worker, until, process_id],
        )
        .await?;
    Ok(changed == 1)
}

/// Records who asked for a stop.
pub async fn set_stopped_by(
    session: &mut Session,
    execution_id: i64,
    name: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE operation SET stopped_by_name = $2 WHERE operation_id = $1",
            args![execution_id, name],
        )
        .await?;
    Ok(())
}

/// Allows a worker; allowing it twice changes nothing.
pub async fn allow_worker(
    session: &mut Session,
    execution_id: i64,
    worker: Uuid,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO execution_worker (execution_id, worker_id) VALUES ($1, $2)
             ON CONFLICT (execution_id, worker_id) DO NOTHING",
            args![execution_id, worker],
        )
        .await?;
    Ok(())
}

/// The workers that were added to an execution.
pub async fn added_workers(
    session: &mut Session,
    execution_id: i64,
) -> Result<Vec<Uuid>, StoreError> {
    let rows = session
        .rows(
            "SELECT worker_id FROM execution_worker WHERE execution_id = $1 ORDER BY worker_id",
            args![execution_id],
        )
        .await?;
    rows.iter().map(|row| row.get("worker_id")).collect()
}

/// When the next lease ends.
pub async fn next_deadline(session: &mut Session) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT min(lease_until) AS until FROM operation WHERE lease_until IS NOT NULL",
            args![],
        )
        .await?;
    match row {
        Some(row) => row.get("until"),
        None => Ok(None),
    }
}
