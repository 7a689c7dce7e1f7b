//! `msdb.dbo.sp_grant_login_to_proxy`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::proxy;
use crate::store::principals;

/// Lets a login name a proxy in steps of its jobs.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let args = args.clone();
    cx.write(move |session| {
        Box::pin(async move {
            let found = lookup::proxy(session, &args).await?;
            let name = args.text("@login_name");
            let Some(login) = principals::find(session, name).await? else {
                return Err(JobError::Missing {
                    kind: "login",
                    name: name.to_owned(),
                }
                .into());
            };
            proxy::grant(session, found.proxy_id, &login.name).await?;
            Ok(done())
        })
    })
    .await
}
