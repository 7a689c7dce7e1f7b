//! `msdb.dbo.sp_delete_operator`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::operator;

/// Deletes an operator.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@name").trim().to_owned();
    cx.write(move |session| {
        Box::pin(async move {
            let Some(found) = operator::find(session, &name).await? else {
                return Err(JobError::Missing {
                    kind: "operator",
                    name,
                }
                .into());
            };
            operator::delete(session, &found.name).await?;
            Ok(done())
        })
    })
    .await
}
