//! The queue: how executions get into it and under which caps they leave it, and what is held.

use jiff::Timestamp;
use scaleout_core::lease::{ExecutionState, Rerun};
use scaleout_core::model::CustomizedLevel;
use uuid::Uuid;

use super::executions::{COLUMNS, ExecutionRow, array_of, execution_row};
use super::later::{Arrays, Update};
use super::logging_levels::level;
use super::session::Dialect;
use super::{Row, Session, StoreError, args};
use crate::scheduling::{Caps, HeldExecution, KeyCap, Tags, Usage, WaitReason};

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
    many: Arrays {
        with: "",
        last: "UPDATE operation o SET status = n.next, pending_since = n.since,
                 priority = n.priority, queue_folder = n.folder
             FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[],
                 $5::timestamptz[], $6::integer[], $7::text[])
                 n (id, status, attempts, next, since, priority, folder)
             WHERE o.operation_id = n.id AND o.status + 0 = n.status AND o.attempts = n.attempts",
    },
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

/// The caps of an execution.
pub(super) fn caps(row: &Row) -> Result<Caps, StoreError> {
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

/// Looks at executions again at the moment when they are granted to these workers: what was planned may
/// be old. In the place of each what there is of it.
pub async fn grantable(
    session: &mut Session,
    wanted: &[(i64, Uuid)],
) -> Result<Vec<Option<Grantable>>, StoreError> {
    let mut found: Vec<Option<Grantable>> = vec![None; wanted.len()];
    match session.dialect() {
        Dialect::Sqlite => {
            let sql = grantable_query("(SELECT $1 AS id, $2 AS worker, 1 AS place) n");
            for ((id, worker), found) in wanted.iter().zip(&mut found) {
                let row = session.row(sql.clone(), args![*id, *worker]).await?;
                *found = row.as_ref().map(grantable_row).transpose()?;
            }
        }
        Dialect::Postgres => {
            let sql = grantable_query(
                "unnest(CAST($1::text AS bigint[]), CAST($2::text AS uuid[]))
                     WITH ORDINALITY n (id, worker, place)",
            );
            let (ids, workers): (Vec<i64>, Vec<Uuid>) = wanted.iter().copied().unzip();
            let args = args![array_of(&ids), array_of(&workers)];
            for row in session.rows(sql, args).await? {
                let place = usize::try_from(row.get::<u64>("place")?).unwrap_or(usize::MAX);
                // Counted from 1.
                if let Some(found) = found.get_mut(place.saturating_sub(1)) {
                    *found = Some(grantable_row(&row)?);
                }
            }
        }
    }
    Ok(found)
}

/// `wanted` is `n` with the columns `id`, `worker` and `place`.
fn grantable_query(wanted: &str) -> String {
    format!(
        "SELECT {COLUMNS}, n.place, e.required_tags, e.concurrency_key, e.concurrency_limit,
             e.package_limit, e.level_name, e.profile_value, e.events_value, w.max_task_count, w.tags,
             (SELECT count(*) FROM operation WHERE lease_worker = n.worker) AS held,
             (SELECT count(*) FROM worker b JOIN operation h ON h.lease_worker = b.worker_id
                 JOIN execution c ON c.execution_id = h.operation_id
                 WHERE c.package_limit IS NOT NULL OR c.concurrency_key IS NOT NULL) > 0 AS capped,
             EXISTS (SELECT 1 FROM data_tap t WHERE t.execution_id = e.execution_id) AS taps,
             EXISTS (SELECT 1 FROM execution_override p WHERE p.execution_id = e.execution_id)
                 AS overrides,
             EXISTS (SELECT 1 FROM job_command j WHERE j.execution_id = e.execution_id) AS command
         FROM {wanted} JOIN execution e ON e.execution_id = n.id
         JOIN operation o ON o.operation_id = e.execution_id
         LEFT JOIN worker w ON w.worker_id = n.worker AND w.is_enabled AND NOT w.is_draining"
    )
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
