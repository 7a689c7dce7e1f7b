//! The queue: what waits for a worker, in which order and under which caps, and what is held.

use jiff::Timestamp;
use scaleout_core::lease::{ExecutionState, Rerun};
use scaleout_core::model::CustomizedLevel;
use uuid::Uuid;

use super::executions::{COLUMNS, ExecutionRow, added_workers, execution_row};
use super::later::Update;
use super::logging_levels::level;
use super::session::Dialect;
use super::{Row, Session, StoreError, args};
use crate::scheduling::{
    AllowedWorkers, Caps, HeldExecution, KeyCap, PendingExecution, Tags, Usage, WaitReason,
};

/// How an execution stands in the queue, as settled by `start_execution`.
#[derive(Clone, Debug)]
pub struct QueuePlace {
    /// Whether it may run more than once.
    pub rerun: Rerun,
    /// Higher ones go first.
    pub priority: i32,
    /// Folder whose share it takes.
    pub folder: String,
    /// Tags that its worker must have, as text.
    pub required_tags: String,
    /// How many of its kind may run at once.
    pub caps: Caps,
}

/// Priority and tags of an execution that was started.
pub async fn standing(
    session: &mut Session,
    execution_id: i64,
) -> Result<(i32, String), StoreError> {
    let row = session
        .row(
            "SELECT o.priority, e.required_tags
             FROM operation o JOIN execution e ON e.execution_id = o.operation_id
             WHERE o.operation_id = $1",
            args![execution_id],
        )
        .await?
        .ok_or_else(|| StoreError::Damaged {
            column: "execution_id".into(),
        })?;
    Ok((row.get("priority")?, row.get("required_tags")?))
}

const START: Update = Update {
    one: "UPDATE operation SET status = $4, pending_since = $5, priority = $6, queue_folder = $7
         WHERE operation_id = $1 AND status + 0 = $2 AND attempts = $3",
    many: "UPDATE operation o SET status = n.next, pending_since = n.since, priority = n.priority,
             queue_folder = n.folder
         FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::timestamptz[],
             $6::integer[], $7::text[]) n (id, status, attempts, next, since, priority, folder)
         WHERE o.operation_id = n.id AND o.status + 0 = n.status AND o.attempts = n.attempts",
};

/// Puts a created execution, which [`super::parameters::to_start`] has read, into the queue; false when it is no longer in the state `from`.
pub async fn start(
    session: &mut Session,
    execution_id: i64,
    (from, to): (ExecutionState, ExecutionState),
    place: &QueuePlace,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let started = session
        .update_later(
            START,
            args![
                execution_id,
                from.status().number(),
                from.tally().attempts,
                to.status().number(),
                now,
                place.priority,
                &place.folder
            ],
        )
        .await?;
    if !started {
        return Ok(false);
    }
    settle(session, execution_id, place).await?;
    session.wake_scheduler();
    Ok(true)
}

/// Writes what is not as in most executions.
async fn settle(
    session: &mut Session,
    execution_id: i64,
    place: &QueuePlace,
) -> Result<(), StoreError> {
    let retries = match place.rerun {
        Rerun::AfterFailures(retries) => retries,
        Rerun::Never => 0,
    };
    let at_most_once = place.rerun == Rerun::Never;
    let plain = place.required_tags.is_empty() && place.caps == Caps::default();
    if retries == 0 && !at_most_once && plain {
        return Ok(());
    }
    let key = place.caps.key.as_ref();
    session
        .execute(
            "UPDATE execution SET retry_count = $2, at_most_once = $3, required_tags = $4,
                 concurrency_key = $5, concurrency_limit = $6, package_limit = $7
             WHERE execution_id = $1",
            args![
                execution_id,
                retries,
                at_most_once,
                &place.required_tags,
                key.map(|key| key.key.as_str()),
                key.map(|key| key.limit),
                place.caps.package_limit
            ],
        )
        .await?;
    Ok(())
}

const PENDING: &str = "SELECT o.operation_id, e.folder_name, e.project_name, e.package_name,
        o.caller_name, o.created_time, o.pending_since, e.any_worker, o.attempts, o.lost,
        o.last_worker, o.priority, e.project_id, e.required_tags, e.concurrency_key,
        e.concurrency_limit, e.package_limit, e.parent_id
    FROM operation o JOIN execution e ON e.execution_id = o.operation_id";

/// Executions that wait for a worker, longest waiting first, and whether these are all. Where more
/// than about `most` wait, the first of each priority, folder and caller: how many wait behind them
/// costs nothing.
pub async fn pending(
    session: &mut Session,
    most: u32,
) -> Result<(Vec<PendingExecution>, bool), StoreError> {
    let lines = lines(session).await?;
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX).max(1);
    let each = (most / count).max(1);
    let sql = format!(
        "{PENDING} WHERE o.status = 5 AND o.priority = $1 AND o.queue_folder = $2
             AND o.caller_name = $3
         ORDER BY o.pending_since, o.operation_id LIMIT $4"
    );
    let mut is_whole = true;
    let mut pending = Vec::new();
    for (priority, folder, caller) in lines {
        let args = args![priority, folder, caller, each.saturating_add(1)];
        let mut rows = session.rows(sql.clone(), args).await?;
        let first = usize::try_from(each).unwrap_or(usize::MAX);
        is_whole &= rows.len() <= first;
        rows.truncate(first);
        for row in &rows {
            pending.push(pending_execution(session, row).await?);
        }
    }
    pending.sort_by_key(|one| (one.pending_since, one.execution_id));
    Ok((pending, is_whole))
}

/// The child executions that wait: of each parent those first that took longest lately, before them
/// those that have never run.
pub async fn pending_children(
    session: &mut Session,
    most: u32,
) -> Result<Vec<PendingExecution>, StoreError> {
    let sql = format!(
        "{PENDING} WHERE o.status = 5 AND e.parent_id IS NOT NULL
         ORDER BY e.parent_id, CASE WHEN e.expected_ms IS NULL THEN 0 ELSE 1 END,
             e.expected_ms DESC, e.parent_path, o.operation_id
         LIMIT $1"
    );
    let rows = session.rows(sql, args![most]).await?;
    let mut pending = Vec::with_capacity(rows.len());
    for row in &rows {
        pending.push(pending_execution(session, row).await?);
    }
    Ok(pending)
}

/// One execution that waits, whatever its place.
pub async fn find_pending(
    session: &mut Session,
    execution_id: i64,
) -> Result<Option<PendingExecution>, StoreError> {
    let sql = format!("{PENDING} WHERE o.operation_id = $1 AND o.status = 5");
    match session.row(sql, args![execution_id]).await? {
        Some(row) => Ok(Some(pending_execution(session, &row).await?)),
        None => Ok(None),
    }
}

/// Finds priority, folder and caller of each line by leaps over the index from head to head: behind a
/// whole line comes that of the next caller, else of the next folder, else of the next priority.
/// Compared as one row value, SQLite would walk through all of the line, as it finds a place in an index
/// by the first of such columns only; and it would rather sort all that waits than use this index.
fn lines_query(dialect: Dialect) -> String {
    let index = match dialect {
        Dialect::Sqlite => "INDEXED BY operation_queue",
        Dialect::Postgres => "",
    };
    let first = format!("SELECT n.operation_id FROM operation n {index} WHERE n.status = 5");
    let order = "n.pending_since, n.operation_id LIMIT 1";
    format!(
        "WITH RECURSIVE line (head) AS (
             SELECT ({first} ORDER BY n.priority, n.queue_folder, n.caller_name, {order})
             UNION ALL
             SELECT COALESCE(
                 ({first} AND n.priority = o.priority AND n.queue_folder = o.queue_folder
                     AND n.caller_name > o.caller_name ORDER BY n.caller_name, {order}),
                 ({first} AND n.priority = o.priority AND n.queue_folder > o.queue_folder
                     ORDER BY n.queue_folder, n.caller_name, {order}),
                 ({first} AND n.priority > o.priority
                     ORDER BY n.priority, n.queue_folder, n.caller_name, {order}))
             FROM line JOIN operation o ON o.operation_id = line.head)
         SELECT o.priority, o.queue_folder, o.caller_name
         FROM line JOIN operation o ON o.operation_id = line.head"
    )
}

/// Priority, folder and caller of each line.
async fn lines(session: &mut Session) -> Result<Vec<(i32, String, String)>, StoreError> {
    let sql = lines_query(session.dialect());
    let rows = session.rows(sql, args![]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.get("priority")?,
                row.get("queue_folder")?,
                row.get("caller_name")?,
            ))
        })
        .collect()
}

async fn pending_execution(
    session: &mut Session,
    row: &Row,
) -> Result<PendingExecution, StoreError> {
    let execution_id = row.get("operation_id")?;
    let allowed = if row.get("any_worker")? {
        AllowedWorkers::Any
    } else {
        AllowedWorkers::Only(added_workers(session, execution_id).await?)
    };
    Ok(PendingExecution {
        execution_id,
        folder_name: row.get("folder_name")?,
        project_name: row.get("project_name")?,
        package_name: row.get("package_name")?,
        caller_name: row.get("caller_name")?,
        created: row.get("created_time")?,
        pending_since: row.get("pending_since")?,
        allowed,
        attempts: row.get("attempts")?,
        lost: row.get("lost")?,
        last_worker: row.get("last_worker")?,
        project_id: row.get("project_id")?,
        priority: row.get("priority")?,
        required_tags: Tags::parse(&row.get::<String>("required_tags")?),
        caps: caps(row)?,
        is_child: row.get::<Option<i64>>("parent_id")?.is_some(),
    })
}

fn caps(row: &Row) -> Result<Caps, StoreError> {
    let key: Option<String> = row.get("concurrency_key")?;
    let limit: Option<u32> = row.get("concurrency_limit")?;
    Ok(Caps {
        package_limit: row.get("package_limit")?,
        key: key.zip(limit).map(|(key, limit)| KeyCap { key, limit }),
    })
}

/// From the workers to what they hold: a server that knows little of the tables yet would read all
/// executions otherwise.
const HELD: &str = "SELECT o.operation_id, o.lease_worker, e.folder_name, o.caller_name,
        e.project_id, e.package_name, e.concurrency_key, e.concurrency_limit, e.package_limit
    FROM worker w JOIN operation o ON o.lease_worker = w.worker_id
    JOIN execution e ON e.execution_id = o.operation_id
    WHERE o.lease_worker IS NOT NULL";

/// Executions that workers hold.
pub async fn held(session: &mut Session) -> Result<Vec<HeldExecution>, StoreError> {
    let rows = session.rows(HELD, args![]).await?;
    rows.iter().map(held_execution).collect()
}

fn held_execution(row: &Row) -> Result<HeldExecution, StoreError> {
    Ok(HeldExecution {
        execution_id: row.get("operation_id")?,
        worker: row.get("lease_worker")?,
        folder_name: row.get("folder_name")?,
        caller_name: row.get("caller_name")?,
        project_id: row.get("project_id")?,
        package_name: row.get("package_name")?,
        caps: caps(row)?,
    })
}

/// An execution at the moment of its grant, with the worker that is to have it and what its
/// description needs beside the parameters.
#[derive(Clone, Debug)]
pub struct Grantable {
    /// The execution.
    pub execution: ExecutionRow,
    /// Tags that its worker must have.
    pub required_tags: Tags,
    /// How many of its kind may run at once.
    pub caps: Caps,
    /// The worker; `None` where it may have nothing at all: unknown, disabled, drained.
    pub capacity: Option<Capacity>,
    /// Some execution that is held has a cap, which may count for this one.
    pub caps_in_force: bool,
    /// The customized logging level that it was started with.
    pub customized_level: Option<CustomizedLevel>,
    /// It has data taps.
    pub has_data_taps: bool,
    /// It has property overrides.
    pub has_overrides: bool,
    /// It is a command of a job.
    pub has_command: bool,
}

/// What a worker can hold.
#[derive(Clone, Debug)]
pub struct Capacity {
    /// `MaxTaskCount`
    pub most: u32,
    /// Leases in force.
    pub held: u32,
    /// Its tags.
    pub tags: Tags,
}

/// Looks at an execution again at the moment of its grant: what was planned may be old.
pub async fn grantable(
    session: &mut Session,
    execution_id: i64,
    worker: Uuid,
) -> Result<Option<Grantable>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, e.required_tags, e.concurrency_key, e.concurrency_limit,
             e.package_limit, e.level_name, e.profile_value, e.events_value, w.max_task_count, w.tags,
             (SELECT count(*) FROM operation WHERE lease_worker = $2) AS held,
             (SELECT count(*) FROM worker b JOIN operation h ON h.lease_worker = b.worker_id
                 JOIN execution c ON c.execution_id = h.operation_id
                 WHERE c.package_limit IS NOT NULL OR c.concurrency_key IS NOT NULL) > 0 AS capped,
             EXISTS (SELECT 1 FROM data_tap t WHERE t.execution_id = e.execution_id) AS taps,
             EXISTS (SELECT 1 FROM execution_override p WHERE p.execution_id = e.execution_id)
                 AS overrides,
             EXISTS (SELECT 1 FROM job_command j WHERE j.execution_id = e.execution_id) AS command
         FROM execution e JOIN operation o ON o.operation_id = e.execution_id
         LEFT JOIN worker w ON w.worker_id = $2 AND w.is_enabled AND NOT w.is_draining
         WHERE e.execution_id = $1"
    );
    let row = session.row(sql, args![execution_id, worker]).await?;
    row.as_ref().map(grantable_row).transpose()
}

fn grantable_row(row: &Row) -> Result<Grantable, StoreError> {
    let most: Option<u32> = row.get("max_task_count")?;
    let capacity = match most {
        Some(most) => Some(Capacity {
            most,
            held: row.get("held")?,
            tags: Tags::parse(&row.get::<String>("tags")?),
        }),
        None => None,
    };
    Ok(Grantable {
        execution: execution_row(row)?,
        required_tags: Tags::parse(&row.get::<String>("required_tags")?),
        caps: caps(row)?,
        capacity,
        caps_in_force: row.get("capped")?,
        customized_level: level(row)?,
        has_data_taps: row.get("taps")?,
        has_overrides: row.get("overrides")?,
        has_command: row.get("command")?,
    })
}

/// Whether no cap keeps an execution from running beside those that are held now. False too where
/// another master grants under the same caps right now.
pub async fn is_below_caps(
    session: &mut Session,
    execution: &ExecutionRow,
    caps: &Caps,
) -> Result<bool, StoreError> {
    let (project_id, package_name) = (execution.project_id, &execution.package_name);
    if !lock_caps(session, project_id, package_name, caps).await? {
        return Ok(false);
    }
    let sql = format!(
        "{HELD} AND ((e.project_id = $1 AND e.package_name = $2) OR e.concurrency_key = $3)"
    );
    let key = caps.key.as_ref().map(|key| key.key.clone());
    let rows = session
        .rows(sql, args![project_id, package_name, key])
        .await?;
    let held: Vec<HeldExecution> = rows.iter().map(held_execution).collect::<Result<_, _>>()?;
    let reached = Usage::of(&held).reached((project_id, package_name), caps);
    Ok(reached.is_none())
}

/// Until the commit no other master grants under the same caps; false when one does so now: waiting
/// for it in the middle of a write could be waiting for each other.
async fn lock_caps(
    session: &mut Session,
    project_id: i64,
    package_name: &str,
    caps: &Caps,
) -> Result<bool, StoreError> {
    if session.dialect() == Dialect::Sqlite {
        return Ok(true);
    }
    let key = caps.key.as_ref().map(|key| format!("key {}", key.key));
    let package = caps
        .package_limit
        .map(|_| format!("package {project_id} {package_name}"));
    for name in key.into_iter().chain(package) {
        let row = session
            .row(
                "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 6)) AS locked",
                args![name],
            )
            .await?;
        if row.map(|row| row.get("locked")).transpose()? != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Why executions wait, as last noted: execution, code, sentence.
pub async fn noted_reasons(
    session: &mut Session,
) -> Result<Vec<(i64, String, String)>, StoreError> {
    let rows = session
        .rows(
            "SELECT execution_id, reason_code, reason FROM waiting_reason",
            args![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.get("execution_id")?,
                row.get("reason_code")?,
                row.get("reason")?,
            ))
        })
        .collect()
}

/// Notes why an execution waits.
pub async fn note_reason(
    session: &mut Session,
    execution_id: i64,
    reason: &WaitReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO waiting_reason (execution_id, reason_code, reason, noted_time)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (execution_id) DO UPDATE SET reason_code = excluded.reason_code,
                 reason = excluded.reason, noted_time = excluded.noted_time",
            args![execution_id, reason.code(), reason.sentence(None), now],
        )
        .await?;
    Ok(())
}

/// Forgets reasons of what waits no longer.
pub async fn forget_reasons(session: &mut Session) -> Result<u64, StoreError> {
    session
        .execute(
            "DELETE FROM waiting_reason WHERE execution_id NOT IN
                 (SELECT operation_id FROM operation WHERE status = 5)",
            args![],
        )
        .await
}

/// Executions held by drained workers whose time is over.
pub async fn overdue_drains(
    session: &mut Session,
    worker: Uuid,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT 1 AS found FROM worker
             WHERE worker_id = $1 AND is_draining AND drain_until <= $2",
            args![worker, now],
        )
        .await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use super::super::migrate::migrate;
    use super::super::sqlite::Sqlite;
    use super::*;

    #[tokio::test]
    async fn the_heads_of_lines_are_found_without_looking_at_all_that_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        std::fs::File::create(&path).unwrap();
        let mut session = Session::sqlite(Sqlite::writer(&path).unwrap());
        migrate(&mut session, Timestamp::UNIX_EPOCH).await.unwrap();

        let plan = format!("EXPLAIN QUERY PLAN {}", lines_query(Dialect::Sqlite));
        let rows = session.rows(plan, args![]).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
        let leaps = |of: &str| steps.iter().filter(|step| step.contains(of)).count();
        assert_eq!(leaps("INDEX operation_queue"), 4, "{steps:#?}");
        assert_eq!(leaps("caller_name>?"), 1, "{steps:#?}");
        assert_eq!(leaps("queue_folder>?"), 1, "{steps:#?}");
        assert_eq!(leaps("B-TREE"), 0, "{steps:#?}");
    }
}
