//! `catalog.create_environment`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done};
use super::environment::EnvironmentName;
use super::lookup;
use crate::access;
use crate::error::CatalogError;
use crate::store::environments::{self, NewEnvironment};

/// Creates an environment.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    access::check_change_environment(cx.caller)?;
    let name = EnvironmentName::of(args);
    check_name("environment", &name.environment)?;
    let description = args.optional_text("@environment_description");
    let description = description.map(str::to_owned);
    let (creator, now) = (cx.caller.name.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let new = NewEnvironment {
                folder_id: lookup::folder(session, &name.folder).await?,
                name: name.environment.clone(),
                description,
                creator,
                now,
            };
            if environments::insert(session, &new).await? {
                Ok(done())
            } else {
                Err(name.exists())
            }
        })
    })
    .await
}
