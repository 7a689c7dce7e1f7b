//! Bulk Insert task: SQL Server itself loads a file that it can see.

mod settings;
mod statement;
mod task;

pub(super) use task::BulkInsert;
