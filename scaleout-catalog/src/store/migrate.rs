//! Schema migrations: forward only, each in its own transaction.

use jiff::Timestamp;

use super::error::StoreError;
use super::session::Session;
use super::value::args;

/// One released step; never edited afterwards.
struct Migration {
    version: i64,
    script: &'static str,
}

const SQLITE: &[Migration] = &[
    Migration {
        version: 1,
        script: include_str!("../../migrations/sqlite/0001_tables.sql"),
    },
    Migration {
        version: 2,
        script: include_str!("../../migrations/sqlite/0002_views.sql"),
    },
];

/// Brings the schema up to date; refuses one that is newer than this program.
pub async fn migrate(session: &mut Session, now: Timestamp) -> Result<(), StoreError> {
    session
        .script(
            "CREATE TABLE IF NOT EXISTS schema_migration (
                version INTEGER NOT NULL PRIMARY KEY,
                applied_time TEXT NOT NULL
            )",
        )
        .await?;
    let found = version(session).await?;
    let known = SQLITE.last().map_or(0, |last| last.version);
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    for migration in SQLITE.iter().filter(|step| step.version > found) {
        apply(session, migration, now).await?;
    }
    Ok(())
}

async fn version(session: &mut Session) -> Result<i64, StoreError> {
    let row = session
        .row(
            "SELECT max(version) AS version FROM schema_migration",
            args![],
        )
        .await?;
    match row {
        Some(row) => Ok(row.get::<Option<i64>>("version")?.unwrap_or(0)),
        None => Ok(0),
    }
}

async fn apply(session: &mut Session, step: &Migration, now: Timestamp) -> Result<(), StoreError> {
    session.script("BEGIN IMMEDIATE").await?;
    let done = async {
        session.script(step.script).await?;
        session
            .execute(
                "INSERT INTO schema_migration (version, applied_time) VALUES ($1, $2)",
                args![step.version, now],
            )
            .await
    }
    .await;
    match done {
        Ok(_) => session.script("COMMIT").await,
        Err(error) => {
            session.script("ROLLBACK").await?;
            Err(error)
        }
    }
}
