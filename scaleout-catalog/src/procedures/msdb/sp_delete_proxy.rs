//! `msdb.dbo.sp_delete_proxy`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::{proxy, step};

/// Deletes a proxy that no step uses.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let args = args.clone();
    cx.write(move |session| {
        Box::pin(async move {
            let found = lookup::proxy(session, &args).await?;
            let users = step::jobs_with_proxy(session, found.proxy_id).await?;
            if !users.is_empty() {
                return Err(JobError::Used {
                    kind: "proxy",
                    name: found.name,
                    users: format!("the jobs {}", users.join(", ")),
                }
                .into());
            }
            proxy::delete(session, found.proxy_id).await?;
            Ok(done())
        })
    })
    .await
}
