//! Workers and their certificates.

use std::collections::BTreeSet;

use jiff::Timestamp;
use scaleout_core::protocol::worker::{Heartbeat, Register};
use uuid::Uuid;

use super::{Args, Row, Session, SqlValue, StoreError, args};
use crate::scheduling::{Drain, Tags, WorkerSnapshot};

/// Inserts a worker or refreshes what it says of itself. New ones are disabled.
pub async fn put(session: &mut Session, new: &Register, now: Timestamp) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO worker (worker_id, display_name, description, machine_name, user_account,
                 max_task_count, program_version, last_online_time)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (worker_id) DO UPDATE SET display_name = excluded.display_name,
                 description = excluded.description, machine_name = excluded.machine_name,
                 user_account = excluded.user_account, max_task_count = excluded.max_task_count,
                 program_version = excluded.program_version,
                 last_online_time = excluded.last_online_time",
            args![
                new.worker_agent_id,
                &new.display_name,
                &new.description,
                &new.machine_name,
                &new.user_account,
                new.max_task_count,
                &new.program_version,
                now
            ],
        )
        .await?;
    Ok(())
}

/// Notes the number of a registration; false when a later one was noted before.
pub async fn advance_registration(
    session: &mut Session,
    worker: Uuid,
    number: u64,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE worker SET registration = $2 WHERE worker_id = $1 AND registration < $2",
            args![worker, number],
        )
        .await?;
    Ok(changed == 1)
}

/// Whether this is the number of the last registration of a worker.
pub async fn is_registration(
    session: &mut Session,
    worker: Uuid,
    number: u64,
) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT 1 AS found FROM worker WHERE worker_id = $1 AND registration = $2",
            args![worker, number],
        )
        .await?;
    Ok(row.is_some())
}

/// The worker that a certificate belongs to.
pub async fn by_thumbprint(
    session: &mut Session,
    thumbprint: &str,
) -> Result<Option<Uuid>, StoreError> {
    let row = session
        .row(
            "SELECT worker_id FROM worker_certificate WHERE thumbprint = $1",
            args![thumbprint.to_lowercase()],
        )
        .await?;
    row.map(|row| row.get("worker_id")).transpose()
}

/// Whether a worker has any certificate.
pub async fn has_certificate(session: &mut Session, worker: Uuid) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT 1 AS found FROM worker_certificate WHERE worker_id = $1 LIMIT 1",
            args![worker],
        )
        .await?;
    Ok(row.is_some())
}

/// Gives a certificate to a worker for ever.
pub async fn add_certificate(
    session: &mut Session,
    worker: Uuid,
    thumbprint: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO worker_certificate (thumbprint, worker_id) VALUES ($1, $2)",
            args![thumbprint.to_lowercase(), worker],
        )
        .await?;
    Ok(())
}

/// Whether a worker is enabled; `None` when there is no such worker.
pub async fn is_enabled(session: &mut Session, worker: Uuid) -> Result<Option<bool>, StoreError> {
    let row = session
        .row(
            "SELECT is_enabled FROM worker WHERE worker_id = $1",
            args![worker],
        )
        .await?;
    row.map(|row| row.get("is_enabled")).transpose()
}

/// Enables or disables a worker; false when there is no such worker.
pub async fn set_enabled(
    session: &mut Session,
    worker: Uuid,
    enabled: bool,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE worker SET is_enabled = $2 WHERE worker_id = $1",
            args![worker, enabled],
        )
        .await?;
    session.wake_scheduler();
    Ok(changed == 1)
}

/// A property of a worker that administrators may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerProperty {
    /// `DisplayName`
    DisplayName,
    /// `Description`
    Description,
    /// `Tags`
    Tags,
}

/// Sets a property; false when there is no such worker.
pub async fn set_property(
    session: &mut Session,
    worker: Uuid,
    property: WorkerProperty,
    value: &str,
) -> Result<bool, StoreError> {
    let sql = match property {
        WorkerProperty::DisplayName => {
            "UPDATE worker SET display_name_set = $2 WHERE worker_id = $1"
        }
        WorkerProperty::Description => {
            "UPDATE worker SET description_set = $2 WHERE worker_id = $1"
        }
        WorkerProperty::Tags => "UPDATE worker SET tags = $2 WHERE worker_id = $1",
    };
    if property == WorkerProperty::Tags {
        session.wake_scheduler();
    }
    Ok(session.execute(sql, args![worker, value]).await? == 1)
}

/// Records that a worker is alive and how busy; false when there is no such worker.
pub async fn beat(
    session: &mut Session,
    worker: Uuid,
    heartbeat: &Heartbeat,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if heartbeat.gate.is_none() {
        let opened = session
            .execute(
                "UPDATE worker SET gate = NULL WHERE worker_id = $1 AND gate IS NOT NULL",
                args![worker],
            )
            .await?;
        // What it was passed over for it may have now.
        if opened == 1 {
            session.wake_scheduler();
        }
    }
    let changed = session
        .execute(
            "UPDATE worker SET last_online_time = $2, cpu_percent = $3, free_memory_mb = $4,
                 running_tasks = $5, gate = $6 WHERE worker_id = $1",
            args![
                worker,
                now,
                heartbeat.cpu_percent,
                heartbeat.free_memory_mb,
                heartbeat.running_tasks,
                heartbeat.gate.as_deref()
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Records that a worker was heard of.
pub async fn seen(session: &mut Session, worker: Uuid, now: Timestamp) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE worker SET last_online_time = $2 WHERE worker_id = $1",
            args![worker, now],
        )
        .await?;
    Ok(())
}

const SNAPSHOT: &str = "SELECT w.worker_id, w.is_enabled,
        coalesce(w.display_name_set, w.display_name) AS name, w.machine_name, w.tags,
        w.last_online_time, w.max_task_count, w.cpu_percent, w.free_memory_mb, w.gate,
        w.is_draining, w.drain_until,
        (SELECT count(*) FROM operation o WHERE o.lease_worker = w.worker_id) AS leases
    FROM worker w";

/// All workers with their live leases.
pub async fn all(session: &mut Session) -> Result<Vec<WorkerSnapshot>, StoreError> {
    let sql = format!("{SNAPSHOT} ORDER BY w.worker_id");
    let rows = session.rows(sql, args![]).await?;
    rows.iter().map(snapshot).collect()
}

/// Workers that one statement asks for.
const TOGETHER: usize = 64;

/// Those of `ids` that there are, with their live leases.
pub async fn among(
    session: &mut Session,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<WorkerSnapshot>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(TOGETHER) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let sql = format!(
            "{SNAPSHOT} WHERE w.worker_id IN ({}) ORDER BY w.worker_id",
            places.join(", ")
        );
        let args: Args = some.iter().map(|id| SqlValue::from(*id)).collect();
        for row in &session.rows(sql, args).await? {
            found.push(snapshot(row)?);
        }
    }
    Ok(found)
}

fn snapshot(row: &Row) -> Result<WorkerSnapshot, StoreError> {
    Ok(WorkerSnapshot {
        worker: row.get("worker_id")?,
        enabled: row.get("is_enabled")?,
        display_name: row.get("name")?,
        machine_name: row.get("machine_name")?,
        tags: Tags::parse(&row.get::<String>("tags")?),
        last_seen: row.get("last_online_time")?,
        max_task_count: row.get("max_task_count")?,
        live_leases: row.get("leases")?,
        cpu_percent: row.get("cpu_percent")?,
        free_memory_mb: row.get("free_memory_mb")?,
        gate: row.get("gate")?,
        drain: drain(row)?,
    })
}

fn drain(row: &Row) -> Result<Option<Drain>, StoreError> {
    let is_draining: bool = row.get("is_draining")?;
    let until = row.get("drain_until")?;
    Ok(is_draining.then_some(Drain { until }))
}

/// Drains a worker or lets it take work again; false when there is no such worker.
pub async fn set_drain(
    session: &mut Session,
    worker: Uuid,
    drain: Option<Drain>,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE worker SET is_draining = $2, drain_until = $3 WHERE worker_id = $1",
            args![worker, drain.is_some(), drain.and_then(|drain| drain.until)],
        )
        .await?;
    session.wake_scheduler();
    Ok(changed == 1)
}

/// When the next drained worker is to hand back what it still runs.
pub async fn next_drain_end(session: &mut Session) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT min(w.drain_until) AS until FROM worker w
             WHERE w.is_draining AND w.drain_until IS NOT NULL
                 AND EXISTS (SELECT 1 FROM operation o WHERE o.lease_worker = w.worker_id)",
            args![],
        )
        .await?;
    match row {
        Some(row) => row.get("until"),
        None => Ok(None),
    }
}

/// Forgets a worker; false when there is no such worker.
pub async fn delete(session: &mut Session, worker: Uuid) -> Result<bool, StoreError> {
    for sql in [
        "DELETE FROM worker_certificate WHERE worker_id = $1",
        "DELETE FROM execution_worker WHERE worker_id = $1",
    ] {
        session.execute(sql, args![worker]).await?;
    }
    let gone = session
        .execute("DELETE FROM worker WHERE worker_id = $1", args![worker])
        .await?;
    Ok(gone == 1)
}
