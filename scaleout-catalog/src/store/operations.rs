//! Operations: one row for everything that is recorded as done.

use jiff::Timestamp;
use scaleout_core::model::{ObjectType, OperationStatus, OperationType};

use super::projects::returned;
use super::{Session, StoreError, args, permissions};

/// An operation to record.
#[derive(Clone, Debug)]
pub struct NewOperation<'a> {
    /// What kind.
    pub operation_type: OperationType,
    /// State; ended ones end when they start.
    pub status: OperationStatus,
    /// The object concerned.
    pub object: Option<(ObjectType, i64)>,
    /// Its name.
    pub object_name: Option<&'a str>,
    /// Who called.
    pub caller: &'a str,
    /// When.
    pub now: Timestamp,
}

/// Records an operation; it belongs to who called.
pub async fn insert(session: &mut Session, new: &NewOperation<'_>) -> Result<i64, StoreError> {
    let at_once = new.status.is_terminal().then_some(new.now);
    let mut values = args![
        new.operation_type.number(),
        new.now,
        new.object.map(|(object_type, _)| object_type.number()),
        new.object.map(|(_, id)| id),
        new.object_name,
        new.caller,
        new.status.number(),
        at_once,
        at_once
    ];
    let id = match session.operation_ahead().await? {
        Some(id) => {
            values.push(id.into());
            let target =
                "operation (operation_type, created_time, object_type, object_id, object_name,
                 caller_name, status, start_time, end_time, operation_id)";
            session.insert_later(target, values).await?;
            id
        }
        None => {
            let row = session
                .row(
                    "INSERT INTO operation (operation_type, created_time, object_type, object_id,
                         object_name, caller_name, status, start_time, end_time)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING operation_id",
                    values,
                )
                .await?;
            returned(row, "operation_id")?
        }
    };
    permissions::own_operation(session, id, new.caller).await?;
    Ok(id)
}

/// Moves the end of an ended operation of that type; false when there is none.
pub async fn extend(
    session: &mut Session,
    operation_id: i64,
    operation_type: OperationType,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE operation SET end_time = $3 WHERE operation_id = $1 AND operation_type = $2",
            args![operation_id, operation_type.number(), now],
        )
        .await?;
    Ok(changed == 1)
}

/// When logs were last removed, or else when the catalog was made.
pub async fn last_cleanup(session: &mut Session) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT coalesce((SELECT max(created_time) FROM operation WHERE operation_type = 2),
                 (SELECT min(applied_time) FROM schema_migration)) AS at",
            args![],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get("at"))
}

/// Adds a message of the catalog itself to a part of an operation.
pub async fn add_part_message(
    session: &mut Session,
    operation_id: i64,
    info_id: i64,
    message_type: i16,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO message (operation_id, info_id, message_time, message_type,
                 message_source_type, message)
             VALUES ($1, $2, $3, $4, 10, $5)",
            args![operation_id, info_id, now, message_type, message],
        )
        .await?;
    Ok(())
}

/// Adds a message of the catalog itself (source 10, the procedures) to an operation.
pub async fn add_message(
    session: &mut Session,
    operation_id: i64,
    attempt: Option<u32>,
    message_type: i16,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .insert_later(
            "message (operation_id, attempt, message_time, message_type, message_source_type, message)",
            args![operation_id, attempt, now, message_type, 10_i64, message],
        )
        .await
}

/// What an operation said last, in its order; of a package its first errors.
pub async fn last_messages(
    session: &mut Session,
    operation_id: i64,
    errors_only: bool,
) -> Result<Vec<String>, StoreError> {
    let rows = if errors_only {
        session
            .rows(
                "SELECT message FROM message WHERE operation_id = $1 AND message_type = 120
                 ORDER BY message_id LIMIT 5",
                args![operation_id],
            )
            .await?
    } else {
        session
            .rows(
                "SELECT message FROM (SELECT message_id, message FROM message
                     WHERE operation_id = $1 ORDER BY message_id DESC LIMIT 50) AS tail
                 ORDER BY message_id",
                args![operation_id],
            )
            .await?
    };
    rows.iter().map(|row| row.get("message")).collect()
}

/// The worker that ran an operation last.
pub async fn last_worker(
    session: &mut Session,
    operation_id: i64,
) -> Result<Option<uuid::Uuid>, StoreError> {
    let row = session
        .row(
            "SELECT coalesce(lease_worker, last_worker) AS worker FROM operation
             WHERE operation_id = $1",
            args![operation_id],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get("worker"))
}
