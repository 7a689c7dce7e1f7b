//! What housekeeping removes.
//!
//! Every function removes a bounded part, to be one write of many: what workers write meanwhile
//! waits for one part at most.

use jiff::Timestamp;
use scaleout_core::model::Securable;

use super::{Session, StoreError, args, keys, permissions};
use crate::secrets::Owner;

/// The tables with rows of an operation, those that others refer to last: table, column of the
/// operation, and what tells its rows apart.
const TABLES: [(&str, &str, &str); 20] = [
    ("message_context", "operation_id", "context_id"),
    ("message", "operation_id", "message_id"),
    ("executable_statistic", "execution_id", "statistics_id"),
    ("executable", "execution_id", "executable_id"),
    (
        "path_rows",
        "execution_id",
        "attempt, execution_path, path_id",
    ),
    ("data_statistic", "execution_id", "data_stats_id"),
    ("component_phase", "execution_id", "phase_stats_id"),
    ("execution_output", "execution_id", "output_id"),
    ("attempt", "execution_id", "attempt"),
    ("data_tap", "execution_id", "data_tap_id"),
    ("performance_counter", "execution_id", "counter_name"),
    ("operation_info", "operation_id", "info_id"),
    ("validation", "validation_id", "validation_id"),
    ("job_call", "execution_id", "retry, path, occurrence"),
    ("job_command", "execution_id", "execution_id"),
    ("execution_worker", "execution_id", "worker_id"),
    (
        "execution_parameter",
        "execution_id",
        "execution_parameter_id",
    ),
    ("execution_override", "execution_id", "property_id"),
    ("execution", "execution_id", "execution_id"),
    ("operation", "operation_id", "operation_id"),
];

/// Rows that one statement removes: about a millisecond.
const AT_ONCE: u64 = 100;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Operations, executions among them.
    pub operations: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Nothing is left to remove.
    pub finished: bool,
}

/// Removes operations that ended by `before`, or were created by then and never started; about
/// `most` rows. An operation with a longer log loses the first part of it.
pub async fn operations(
    session: &mut Session,
    before: Timestamp,
    most: u64,
) -> Result<Removed, StoreError> {
    let mut removed = Removed::default();
    while removed.rows < most {
        // What never started has no log, and half of it could still be started: it goes at once.
        let (operation_id, part) = match next_ended(session, before).await? {
            Some(operation_id) => (operation_id, most - removed.rows),
            None => match next_not_started(session, before).await? {
                Some(operation_id) => (operation_id, u64::from(u32::MAX)),
                None => {
                    removed.finished = true;
                    break;
                }
            },
        };
        let mut left = part;
        for table in TABLES {
            if left == 0 {
                break;
            }
            let rows = remove(session, table, operation_id, left).await?;
            left = left.saturating_sub(rows);
            removed.rows += rows;
            if table.0 == "operation" && rows > 0 {
                removed.operations += rows;
                let kind = Securable::Operation;
                removed.rows += permissions::forget(session, kind, operation_id).await?;
                keys::delete(session, Owner::Execution(operation_id)).await?;
            }
        }
    }
    Ok(removed)
}

/// Removes rows of an operation from a table, a few at a time.
async fn remove(
    session: &mut Session,
    (table, owner, key): (&str, &str, &str),
    operation_id: i64,
    most: u64,
) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM {table} WHERE {owner} = $1 AND ({key}) IN
             (SELECT {key} FROM {table} WHERE {owner} = $1 LIMIT $2)"
    );
    let mut removed = 0;
    while removed < most {
        let few = (most - removed).min(AT_ONCE);
        let rows = session
            .execute(sql.clone(), args![operation_id, few])
            .await?;
        session.give_way();
        removed += rows;
        if rows < few {
            break;
        }
    }
    Ok(removed)
}

async fn next_ended(session: &mut Session, before: Timestamp) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "SELECT operation_id FROM operation WHERE end_time <= $1 ORDER BY end_time LIMIT 1",
            args![before],
        )
        .await?;
    row.map(|row| row.get("operation_id")).transpose()
}

async fn next_not_started(
    session: &mut Session,
    before: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "SELECT operation_id FROM operation WHERE status = 1 AND created_time <= $1
             ORDER BY created_time LIMIT 1",
            args![before],
        )
        .await?;
    row.map(|row| row.get("operation_id")).transpose()
}

/// Removes the oldest version that its project has too many, or whose project is gone; with its
/// file, when no other version has the same. False when there is none. The version in force stays,
/// and so does one that a pending or running execution uses.
pub async fn version(session: &mut Session, most_versions: i64) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT v.object_version_lsn, v.project_id, v.project_hash FROM project_version v
             LEFT JOIN project p ON p.project_id = v.project_id
             WHERE (p.project_id IS NULL OR (v.object_version_lsn <> p.object_version_lsn
                     AND (SELECT count(*) FROM project_version newer
                         WHERE newer.project_id = v.project_id
                             AND newer.object_version_lsn > v.object_version_lsn
                             AND newer.object_version_lsn <> p.object_version_lsn) >= $1))
                 AND v.object_version_lsn NOT IN (SELECT e.project_lsn FROM operation o
                     JOIN execution e ON e.execution_id = o.operation_id
                     WHERE o.status IN (2, 5, 8))
             ORDER BY v.object_version_lsn LIMIT 1",
            args![most_versions - 1],
        )
        .await?;
    let Some(row) = row else { return Ok(false) };
    let version: i64 = row.get("object_version_lsn")?;
    let hash: String = row.get("project_hash")?;
    // In one write: half a version could be restored.
    for sql in [
        "DELETE FROM object_parameter WHERE object_version_lsn = $1",
        "DELETE FROM package WHERE object_version_lsn = $1",
        "DELETE FROM project_version WHERE object_version_lsn = $1",
    ] {
        session.execute(sql, args![version]).await?;
    }
    // The key of a project that is gone goes with its last version.
    let project_id: i64 = row.get("project_id")?;
    session
        .execute(
            "DELETE FROM data_key WHERE owner_kind = 20 AND owner_id = $1 AND NOT EXISTS
                 (SELECT 1 FROM project_version v WHERE v.project_id = $1)",
            args![project_id],
        )
        .await?;
    session
        .execute(
            "DELETE FROM project_file WHERE project_hash = $1 AND NOT EXISTS
                 (SELECT 1 FROM project_version v WHERE v.project_hash = $1)",
            args![hash],
        )
        .await?;
    Ok(true)
}

/// Pending, running and stopping executions.
pub async fn active_executions(session: &mut Session) -> Result<i64, StoreError> {
    let row = session
        .row(
            "SELECT count(*) AS active FROM operation o
             JOIN execution e ON e.execution_id = o.operation_id WHERE o.status IN (2, 5, 8)",
            args![],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("active"))
}

/// Whether there is any execution.
pub async fn has_executions(session: &mut Session) -> Result<bool, StoreError> {
    let row = session
        .row("SELECT execution_id FROM execution LIMIT 1", args![])
        .await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Tables whose rows belong to an operation, by what the scripts of SQLite declare.
    fn declared() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let mut found = BTreeSet::from(["operation".to_owned()]);
        for script in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(script.unwrap().path()).unwrap();
            for table in text.split("CREATE TABLE ").skip(1) {
                let (head, body) = table.split_once('(').unwrap();
                let body = body.split(");").next().unwrap();
                let owner = ["operation (operation_id)", "execution (execution_id)"];
                if owner
                    .iter()
                    .any(|owner| body.contains(&format!("REFERENCES {owner}")))
                {
                    found.insert(head.trim().to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn every_table_that_belongs_to_an_operation_is_cleaned() {
        let cleaned: BTreeSet<String> = TABLES
            .iter()
            .map(|(table, _, _)| (*table).to_owned())
            .collect();
        assert_eq!(cleaned, declared());
    }
}
