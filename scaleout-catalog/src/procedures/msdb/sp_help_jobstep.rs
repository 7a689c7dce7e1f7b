//! `msdb.dbo.sp_help_jobstep`

use scaleout_core::registry::msdb::{HELP_JOBSTEP_COLUMNS, SYSJOBSTEPS};
use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult, Rows};
use serde_json::Value;

use super::help::{rows, shown};
use super::lookup;
use crate::error::CatalogError;
use crate::procedures::call::Call;
use crate::store::jobs::job::JobRow;

/// Shows the steps of a job.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    let job = lookup::job(&mut session, cx.caller, JobAccess::Read, args).await?;
    drop(session);
    Ok(shown(of_job(cx, &job, args).await?))
}

/// The steps of a job, or those of them that are asked for.
pub async fn of_job(
    cx: &Call<'_>,
    job: &JobRow,
    args: &BoundArguments,
) -> Result<Rows, CatalogError> {
    let equals = [("step_id", "@step_id"), ("step_name", "@step_name")];
    let all = rows(cx, &SYSJOBSTEPS, args, &equals, false).await?;
    let column = |name: &str| all.columns.iter().position(|one| one == name);
    let job_id = Value::from(job.job_id.to_string());
    let of_job = all.rows.iter().filter(|row| row[0] == job_id);
    let mut steps: Vec<Vec<Value>> = of_job
        .map(|row| {
            let columns = HELP_JOBSTEP_COLUMNS.iter();
            columns
                .map(|one| match column(one.name) {
                    // The table has it as HHMMSS, the procedure in seconds.
                    Some(index) if one.name == "last_run_duration" => seconds(&row[index]),
                    Some(index) => row[index].clone(),
                    None => Value::Null,
                })
                .collect()
        })
        .collect();
    steps.sort_by_key(|row| row[0].as_i64());
    Ok(Rows {
        columns: HELP_JOBSTEP_COLUMNS
            .iter()
            .map(|one| one.name.to_owned())
            .collect(),
        rows: steps,
    })
}

fn seconds(duration: &Value) -> Value {
    let number = duration.as_i64().unwrap_or_default();
    Value::from(number / 10_000 * 3600 + number / 100 % 100 * 60 + number % 100)
}
