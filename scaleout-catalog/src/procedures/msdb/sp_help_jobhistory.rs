//! `msdb.dbo.sp_help_jobhistory`

use scaleout_core::registry::msdb::HELP_JOBHISTORY;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::help::{keep, rows, shown};
use crate::error::CatalogError;
use crate::procedures::call::Call;

/// Shows how jobs and their steps ran.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let equals = [
        ("job_name", "@job_name"),
        ("step_id", "@step_id"),
        ("sql_message_id", "@sql_message_id"),
        ("sql_severity", "@sql_severity"),
        ("run_status", "@run_status"),
        ("server", "@server"),
    ];
    let newest_first = args.integer("@oldest_first") == 0;
    let mut found = rows(cx, &HELP_JOBHISTORY, args, &equals, newest_first).await?;
    for (column, parameter) in [
        ("run_date", "@start_run_date"),
        ("run_time", "@start_run_time"),
        ("run_duration", "@minimum_run_duration"),
        ("retries_attempted", "@minimum_retries"),
    ] {
        if let Some(least) = args.optional_integer(parameter) {
            keep(&mut found, column, |value| value.as_i64() >= Some(least));
        }
    }
    for (column, parameter) in [("run_date", "@end_run_date"), ("run_time", "@end_run_time")] {
        if let Some(most) = args.optional_integer(parameter) {
            keep(&mut found, column, |value| value.as_i64() <= Some(most));
        }
    }
    Ok(shown(found))
}
