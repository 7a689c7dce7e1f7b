//! `catalog.create_environment`

use scaleout_core::model::Securable;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, check_name, done};
use super::environment::EnvironmentName;
use super::lookup;
use crate::error::CatalogError;
use crate::store::environments::{self, NewEnvironment};
use crate::store::permissions;

/// Creates an environment.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = EnvironmentName::of(args);
    check_name("environment", &name.environment)?;
    let description = args.optional_text("@environment_description");
    let description = description.map(str::to_owned);
    let (creator, now) = (cx.caller.name.clone(), cx.now);
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let new = NewEnvironment {
                folder_id: lookup::folder(session, &rights, &name.folder).await?,
                name: name.environment.clone(),
                description,
                creator,
                now,
            };
            let id = environments::insert(session, &new)
                .await?
                .ok_or_else(|| name.exists())?;
            permissions::own(session, Securable::Environment, id, &new.creator).await?;
            Ok(done())
        })
    })
    .await
}
