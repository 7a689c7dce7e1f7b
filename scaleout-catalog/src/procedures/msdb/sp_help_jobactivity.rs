//! `msdb.dbo.sp_help_jobactivity`

use scaleout_core::registry::msdb::HELP_JOBACTIVITY;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::help::{rows, shown};
use crate::error::CatalogError;
use crate::procedures::call::Call;

/// Shows what runs, and how each job ran last.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let equals = [("job_name", "@job_name"), ("session_id", "@session_id")];
    let found = rows(cx, &HELP_JOBACTIVITY, args, &equals, false).await?;
    Ok(shown(found))
}
