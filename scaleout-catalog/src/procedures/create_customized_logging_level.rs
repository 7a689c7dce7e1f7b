//! `catalog.create_customized_logging_level`

use scaleout_core::model::CustomizedLevel;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done_with};
use super::logging_level::{check_events, check_new_name, check_profile};
use crate::error::CatalogError;
use crate::store::logging_levels;

/// Makes a level.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let level = CustomizedLevel {
        name: args.text("@level_name").to_owned(),
        profile: args.integer("@profile_value"),
        events: args.integer("@events_value"),
    };
    check_profile(level.profile)?;
    check_events(level.events)?;
    let description = args.text("@level_description").to_owned();
    let (caller, now) = (cx.caller.name.clone(), cx.now);
    let id = cx
        .write(move |session| {
            Box::pin(async move {
                check_new_name(session, &level.name).await?;
                Ok(logging_levels::insert(session, &level, &description, &caller, now).await?)
            })
        })
        .await?;
    Ok(done_with("@level_id", id))
}
