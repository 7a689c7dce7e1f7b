//! `catalog.set_customized_logging_level_value`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::logging_level::{check_events, check_profile, find};
use crate::error::CatalogError;
use crate::store::logging_levels::{self, Mask};

/// Sets one of the two masks of a level.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = args.text("@level_name").to_owned();
    let value = args.integer("@property_value");
    let mask = match args.text("@property_name").to_uppercase().as_str() {
        "PROFILE" => {
            check_profile(value)?;
            Mask::Profile
        }
        "EVENTS" => {
            check_events(value)?;
            Mask::Events
        }
        _ => {
            return Err(CatalogError::ValueNotValid {
                name: "@property_name".into(),
                reason: "a customized logging level has no such property".into(),
                form: "PROFILE for the statistics or EVENTS for the events",
            });
        }
    };
    cx.write(move |session| {
        Box::pin(async move {
            find(session, &name).await?;
            logging_levels::set_mask(session, &name, mask, value).await?;
            Ok(done())
        })
    })
    .await
}
