//! `msdb.dbo.sp_add_proxy`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::lookup::filled;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done_with};
use crate::store::jobs::proxy::{self, ProxyRow};

/// Creates a proxy.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let value = |parameter, value: &str, form| JobError::Value {
        parameter,
        value: value.to_owned(),
        form,
    };
    if let Some(id) = args.optional_integer("@credential_id") {
        let form = "the name of a user in `@credential_name`; credentials have no ids here";
        return Err(value("@credential_id", &id.to_string(), form).into());
    }
    let user = filled(args.optional_text("@credential_name")).unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    if user.is_empty() || user.starts_with('-') || !user.chars().all(plain) {
        let form = "the name of a user of the workers' operating system";
        return Err(value("@credential_name", &user, form).into());
    }
    let name = filled(args.optional_text("@proxy_name")).unwrap_or_default();
    if name.is_empty() {
        return Err(value("@proxy_name", "", "a name that is not blank").into());
    }
    let new = ProxyRow {
        proxy_id: 0,
        name,
        enabled: args.integer("@enabled") != 0,
        user_name: user,
    };
    let description = filled(args.optional_text("@description"));
    cx.write(move |session| {
        Box::pin(async move {
            match proxy::insert(session, &new, description).await? {
                Some(id) => Ok(done_with("@proxy_id", id)),
                None => Err(JobError::Taken {
                    kind: "proxy",
                    name: new.name,
                }
                .into()),
            }
        })
    })
    .await
}
