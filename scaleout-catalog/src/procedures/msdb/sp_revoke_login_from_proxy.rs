//! `msdb.dbo.sp_revoke_login_from_proxy`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::proxy;

/// Lets a login no longer name a proxy; steps that do fail when they run.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let args = args.clone();
    cx.write(move |session| {
        Box::pin(async move {
            let found = lookup::proxy(session, &args).await?;
            let name = args.text("@name");
            if !proxy::revoke(session, found.proxy_id, name).await? {
                return Err(JobError::Missing {
                    kind: "login",
                    name: format!("{name} of the proxy {}", found.name),
                }
                .into());
            }
            Ok(done())
        })
    })
    .await
}
