//! `catalog.dm_execution_performance_counters`

use scaleout_core::lease::ExecutionState;
use scaleout_core::registry::{BoundArguments, ProcedureResult, Rows};
use serde_json::Value;

use scaleout_core::registry::views::EXECUTIONS;

use super::call::Call;
use super::lookup;
use crate::access::row_filter;
use crate::error::{CatalogError, DiagnosticsError};
use crate::store::counters;

/// What workers said last of the executions that they run: with the next task heartbeat after a
/// start, and every one from then on.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    let wanted = args.optional_integer("@execution_id");
    if let Some(id) = wanted {
        let execution = lookup::execution(&mut session, &cx.rights(), id).await?;
        let state = execution.state;
        if !matches!(
            state,
            ExecutionState::Running(..) | ExecutionState::Stopping(..)
        ) {
            return Err(DiagnosticsError::NotRunning { id, state }.into());
        }
    }
    let readable = row_filter(cx.caller, &EXECUTIONS);
    let found = counters::running(&mut session, wanted, &readable).await?;
    let rows = found.into_iter().map(|row| {
        vec![
            Value::from(row.execution_id),
            Value::from(row.name),
            Value::from(row.value),
        ]
    });
    Ok(ProcedureResult {
        rows: Some(Rows {
            columns: ["execution_id", "counter_name", "counter_value"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
        }),
        ..ProcedureResult::default()
    })
}
