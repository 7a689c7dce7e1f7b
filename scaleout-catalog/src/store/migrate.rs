//! Schema migrations: forward only, each in its own transaction.

use jiff::Timestamp;
use scaleout_core::kill_points::{KillPoint, pass};

use super::company::Company;
use super::error::StoreError;
use super::session::{Dialect, Session};
use super::value::args;

/// One released step; never edited afterwards.
struct Migration {
    version: i64,
    /// For SQLite.
    sqlite: &'static str,
    /// For PostgreSQL.
    postgres: &'static str,
}

/// A step with the scripts of its name in `migrations/sqlite` and `migrations/postgres`.
macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_tables"),
    migration!(2, "0002_views"),
    migration!(3, "0003_versions"),
    migration!(4, "0004_environments"),
    migration!(5, "0005_housekeeping"),
    migration!(6, "0006_permissions"),
    migration!(7, "0007_diagnostics"),
    migration!(8, "0008_keys"),
    migration!(9, "0009_reports"),
    migration!(10, "0010_children"),
    migration!(11, "0011_jobs"),
    migration!(12, "0012_certificates"),
    migration!(13, "0013_scheduling"),
    migration!(14, "0014_masters"),
    migration!(15, "0015_measured"),
    migration!(16, "0016_job_calls"),
    migration!(17, "0017_lean_executions"),
    migration!(18, "0018_left_out"),
    migration!(19, "0019_newest_by_status"),
];

impl Migration {
    fn script(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// The schema that this program works with.
pub fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.version)
}

/// Refuses a schema that is newer than this program.
pub fn check_known(found: i64) -> Result<(), StoreError> {
    let known = known();
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    Ok(())
}

/// Brings the schema up to date; refuses one that is newer than this program.
pub async fn migrate(session: &mut Session, now: Timestamp) -> Result<(), StoreError> {
    match session.dialect() {
        Dialect::Sqlite => session.script(SQLITE_HISTORY).await?,
        Dialect::Postgres => prepare_postgres(session).await?,
    }
    let found = version(session).await?;
    check_known(found)?;
    for migration in MIGRATIONS.iter().filter(|step| step.version > found) {
        apply(session, migration, now).await?;
        pass(KillPoint::CatalogMigrated);
    }
    Ok(())
}

const SQLITE_HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version INTEGER NOT NULL PRIMARY KEY,
    applied_time TEXT NOT NULL
)";

const POSTGRES_HISTORY: &str = "CREATE TABLE schema_migration (
    version bigint NOT NULL PRIMARY KEY,
    applied_time timestamptz NOT NULL
)";

/// Makes what is missing, and only that: `IF NOT EXISTS` asks for the right to make a schema also
/// where an administrator has made it.
async fn prepare_postgres(session: &mut Session) -> Result<(), StoreError> {
    for (missing, script) in [
        (
            "SELECT to_regnamespace('internal') IS NULL AS missing",
            "CREATE SCHEMA internal",
        ),
        (
            "SELECT to_regnamespace('catalog') IS NULL AS missing",
            "CREATE SCHEMA catalog",
        ),
        (
            "SELECT to_regnamespace('msdb') IS NULL AS missing",
            "CREATE SCHEMA msdb",
        ),
        (
            "SELECT to_regclass('internal.schema_migration') IS NULL AS missing",
            POSTGRES_HISTORY,
        ),
        // Moved by each transaction that is alone, so that others know what they may remember. The first
        // move of a new sequence cannot be seen in its last value.
        (
            "SELECT to_regclass('internal.alone') IS NULL AS missing",
            "CREATE SEQUENCE internal.alone; SELECT nextval('internal.alone')",
        ),
    ] {
        let row = session.row(missing, args![]).await?;
        if row.map(|row| row.get("missing")).transpose()? == Some(true) {
            session.script(script).await?;
        }
    }
    Ok(())
}

/// The schema of a database; 0 for an empty one.
pub async fn version(session: &mut Session) -> Result<i64, StoreError> {
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
    session.begin(Company::Alone).await?;
    let done = async {
        session.script(step.script(session.dialect())).await?;
        session
            .execute(
                "INSERT INTO schema_migration (version, applied_time) VALUES ($1, $2)",
                args![step.version, now],
            )
            .await?;
        session
            .execute(
                "UPDATE catalog_property SET property_value = $1 WHERE property_name = 'SCHEMA_BUILD'",
                args![step.version.to_string()],
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Names and contents of the scripts for one database, in order.
    fn scripts(database: &str) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(database);
        let mut scripts: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, std::fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        scripts.sort();
        scripts
    }

    #[test]
    fn every_script_is_listed_under_its_number_for_both_databases() {
        let (sqlite, postgres) = (scripts("sqlite"), scripts("postgres"));
        let names = |scripts: &[(String, String)]| -> Vec<String> {
            scripts.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&sqlite), names(&postgres));
        assert_eq!(sqlite.len(), MIGRATIONS.len());
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.version, i64::try_from(index).unwrap() + 1);
            assert!(
                sqlite[index]
                    .0
                    .starts_with(&format!("{:04}_", migration.version))
            );
            assert_eq!(migration.sqlite, sqlite[index].1);
            assert_eq!(migration.postgres, postgres[index].1);
        }
    }
}
