//! What integration tests share.

#[expect(dead_code, reason = "other suites need more of it")]
#[path = "../../../tests/support/postgres_cluster.rs"]
pub mod postgres;
