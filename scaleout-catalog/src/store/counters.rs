//! Performance counters of running executions: what their workers said last.

use scaleout_core::protocol::worker::Counter;

use super::{Session, StoreError, args};
use crate::access::RowFilter;

/// A counter of an execution.
#[derive(Clone, Debug)]
pub struct CounterRow {
    /// The execution.
    pub execution_id: i64,
    /// Name.
    pub name: String,
    /// Value.
    pub value: i64,
}

/// Replaces the counters of an execution.
pub async fn put(
    session: &mut Session,
    execution_id: i64,
    counters: &[Counter],
) -> Result<(), StoreError> {
    let rows = counters
        .iter()
        .map(|counter| args![execution_id, &counter.name, counter.value])
        .collect();
    session
        .insert_many(
            "performance_counter (execution_id, counter_name, counter_value)",
            "ON CONFLICT (execution_id, counter_name)
             DO UPDATE SET counter_value = excluded.counter_value",
            rows,
        )
        .await
}

/// Removes the counters of an execution that runs no longer.
pub async fn clear(session: &mut Session, execution_id: i64) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM performance_counter WHERE execution_id = $1",
            args![execution_id],
        )
        .await?;
    Ok(())
}

/// The counters of one running execution, or of all those that `filter` lets through: a filter on
/// the view `executions`.
pub async fn running(
    session: &mut Session,
    execution_id: Option<i64>,
    filter: &RowFilter,
) -> Result<Vec<CounterRow>, StoreError> {
    let mut sql =
        "SELECT c.execution_id, c.counter_name, c.counter_value FROM performance_counter c
         JOIN operation o ON o.operation_id = c.execution_id
         WHERE o.status IN (2, 8)"
            .to_owned();
    let mut values = args![];
    if let Some(id) = execution_id {
        values.push(id.into());
        sql.push_str(" AND c.execution_id = $1");
    }
    let readable = filter.condition(
        |text| {
            values.push(text.into());
            format!("${}", values.len())
        },
        |column| format!("c.{column}"),
        |_| execution_id.is_some(),
    );
    if let Some(condition) = readable {
        sql.push_str(" AND ");
        sql.push_str(&condition);
    }
    sql.push_str(" ORDER BY c.execution_id, c.counter_name");
    let rows = session.rows(sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok(CounterRow {
                execution_id: row.get("execution_id")?,
                name: row.get("counter_name")?,
                value: row.get("counter_value")?,
            })
        })
        .collect()
}
