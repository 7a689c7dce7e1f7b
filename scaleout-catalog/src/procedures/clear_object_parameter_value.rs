//! `catalog.clear_object_parameter_value`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::set_object_parameter_value::Target;
use crate::error::CatalogError;
use crate::store::parameters;

/// Takes the server value of a parameter away.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let target = Target::of(args)?;
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let declared = target.find(session, &rights).await?;
            parameters::set_server_value(session, declared.id, None).await?;
            Ok(done())
        })
    })
    .await
}
