//! Jobs, steps, schedules, runs and what is kept of them.

pub mod call;
pub mod command;
pub mod history;
pub mod job;
pub mod notification;
pub mod operator;
pub mod proxy;
pub mod run;
pub mod schedule;
pub mod step;

use super::{Row, StoreError};

/// The id that an `INSERT … RETURNING` gives.
fn returned(row: Option<Row>, column: &str) -> Result<i64, StoreError> {
    row.ok_or_else(|| StoreError::Damaged {
        column: column.to_owned(),
    })?
    .get(column)
}
