//! Customized logging levels.

use jiff::Timestamp;
use scaleout_core::model::CustomizedLevel;
use scaleout_core::model::identifier::name_key;

use super::projects::returned;
use super::{Row, Session, StoreError, args};

/// A level as its mask can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// Statistics.
    Profile,
    /// Events.
    Events,
}

/// Inserts a level whose name is free.
pub async fn insert(
    session: &mut Session,
    level: &CustomizedLevel,
    description: &str,
    caller: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let row = session
        .row(
            "INSERT INTO customized_logging_level (name, name_key, description, profile_value,
                 events_value, created_by_name, created_time)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING level_id",
            args![
                &level.name,
                name_key(&level.name),
                description,
                level.profile,
                level.events,
                caller,
                now
            ],
        )
        .await?;
    returned(row, "level_id")
}

/// The level of that name, as it is spelt.
pub async fn find(
    session: &mut Session,
    name: &str,
) -> Result<Option<CustomizedLevel>, StoreError> {
    let row = session
        .row(
            "SELECT name, profile_value, events_value FROM customized_logging_level
             WHERE name_key = $1",
            args![name_key(name)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(CustomizedLevel {
        name: row.get("name")?,
        profile: row.get("profile_value")?,
        events: row.get("events_value")?,
    }))
}

/// The names of all levels.
pub async fn names(session: &mut Session) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT name FROM customized_logging_level ORDER BY level_id";
    let rows = session.rows(sql, args![]).await?;
    rows.iter().map(|row| row.get("name")).collect()
}

/// Renames a level.
pub async fn rename(session: &mut Session, old: &str, new: &str) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE customized_logging_level SET name = $2, name_key = $3 WHERE name_key = $1",
            args![name_key(old), new, name_key(new)],
        )
        .await?;
    Ok(())
}

/// Sets a description.
pub async fn describe(
    session: &mut Session,
    name: &str,
    description: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE customized_logging_level SET description = $2 WHERE name_key = $1",
            args![name_key(name), description],
        )
        .await?;
    Ok(())
}

/// Sets a mask.
pub async fn set_mask(
    session: &mut Session,
    name: &str,
    mask: Mask,
    value: i64,
) -> Result<(), StoreError> {
    let sql = match mask {
        Mask::Profile => {
            "UPDATE customized_logging_level SET profile_value = $2 WHERE name_key = $1"
        }
        Mask::Events => "UPDATE customized_logging_level SET events_value = $2 WHERE name_key = $1",
    };
    session.execute(sql, args![name_key(name), value]).await?;
    Ok(())
}

/// Deletes a level.
pub async fn delete(session: &mut Session, name: &str) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM customized_logging_level WHERE name_key = $1",
            args![name_key(name)],
        )
        .await?;
    Ok(())
}

/// Keeps with an execution what its level logs when it starts: later changes do not reach it.
pub async fn settle(
    session: &mut Session,
    execution_id: i64,
    level: &CustomizedLevel,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE execution SET level_name = $2, profile_value = $3, events_value = $4
             WHERE execution_id = $1",
            args![execution_id, &level.name, level.profile, level.events],
        )
        .await?;
    Ok(())
}

/// What [`settle`] has kept.
pub async fn settled(
    session: &mut Session,
    execution_id: i64,
) -> Result<Option<CustomizedLevel>, StoreError> {
    let row = session
        .row(
            "SELECT level_name, profile_value, events_value FROM execution
             WHERE execution_id = $1 AND level_name IS NOT NULL",
            args![execution_id],
        )
        .await?;
    match row {
        Some(row) => level(&row),
        None => Ok(None),
    }
}

/// From a row of an execution.
pub(super) fn level(row: &Row) -> Result<Option<CustomizedLevel>, StoreError> {
    let name: Option<String> = row.get("level_name")?;
    let Some(name) = name else { return Ok(None) };
    Ok(Some(CustomizedLevel {
        name,
        profile: row.get("profile_value")?,
        events: row.get("events_value")?,
    }))
}
