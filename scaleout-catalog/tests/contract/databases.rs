//! The databases that every test of the contract runs on.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use scaleout_catalog::CatalogLocation;
use sqlx::Connection as _;
use tempfile::TempDir;

#[expect(dead_code, reason = "other suites need more of it")]
#[path = "../../../tests/support/postgres_cluster.rs"]
mod cluster;

pub use cluster::PostgresCluster;

/// Runs each test on SQLite and on PostgreSQL: `mod sqlite` and `mod postgres` beside it.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::databases::Database::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                if let Some(database) = $crate::databases::Database::postgres_or_skip() {
                    super::$test(database).await;
                }
            })+
        }
    };
}
pub(crate) use contract;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    /// PostgreSQL, where it is installed.
    pub fn postgres_or_skip() -> Option<Self> {
        shared_cluster().map(|_| Self::Postgres)
    }

    /// A fresh one; what it has of files is in the folder.
    pub async fn fresh(self, folder: &TempDir) -> CatalogLocation {
        match self {
            Self::Sqlite => CatalogLocation::Sqlite(folder.path().join("catalog.db")),
            Self::Postgres => {
                let cluster = shared_cluster().expect("it was not skipped");
                fresh_postgres(cluster).await
            }
        }
    }
}

/// A new database of a cluster.
pub async fn fresh_postgres(cluster: &PostgresCluster) -> CatalogLocation {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let name = format!("c{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let server = cluster.url("postgres");
    let version = scalar(&server, "SHOW server_version_num").await;
    // A collation that differs from the order of bytes, where the server can make one by itself.
    let collation = if version.parse::<u32>().unwrap() >= 150_000 {
        "TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
    } else {
        ""
    };
    run_sql(&server, &format!("CREATE DATABASE {name} {collation}")).await;
    cluster.url(&name).parse().unwrap()
}

/// Runs statements beside the catalog, as an administrator would.
pub async fn run_sql(url: &str, sql: &str) {
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// The one text that a query beside the catalog gives.
pub async fn scalar(url: &str, sql: &str) -> String {
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
    let value = query.fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    value
}

/// One server for all tests of this process; it ends with the process.
fn shared_cluster() -> Option<&'static PostgresCluster> {
    static CLUSTER: OnceLock<Option<PostgresCluster>> = OnceLock::new();
    CLUSTER.get_or_init(PostgresCluster::start_or_skip).as_ref()
}
