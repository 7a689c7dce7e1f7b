//! A throw-away PostgreSQL, the one of all suites.

use scaleout_core::package::connection_string::ConnectionString;

#[expect(dead_code, reason = "other suites need more of it")]
#[path = "../../support/postgres_cluster.rs"]
mod cluster;

pub use cluster::PostgresCluster;

/// A client of the database `postgres`, for making tables and looking into them.
pub fn connect(cluster: &PostgresCluster) -> postgres::Client {
    let string = ConnectionString::parse(&cluster.connection_string("postgres")).unwrap();
    let get = |key: &str| string.get(key).unwrap().to_owned();
    let mut config = postgres::Config::new();
    config
        .host_path(get("Data Source"))
        .user(&get("User ID"))
        .dbname(&get("Initial Catalog"));
    config.connect(postgres::NoTls).unwrap()
}
