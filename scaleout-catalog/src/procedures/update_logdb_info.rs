//! `catalog.update_logdb_info`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::store::properties;

/// Sets CLUSTER_LOGDB_SERVER for good. The connection string is not kept: workers send their logs
/// to the master, and a password for nothing is best forgotten.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let server = given(args, "@server_name", "the name of a server")?;
    given(args, "@connection_string", "a connection string")?;
    cx.write(move |session| {
        Box::pin(async move {
            properties::choose(session, properties::CLUSTER_LOGDB_SERVER, &server).await?;
            Ok(done())
        })
    })
    .await
}

fn given(
    args: &BoundArguments,
    name: &'static str,
    form: &'static str,
) -> Result<String, CatalogError> {
    match args.text(name).trim() {
        "" => Err(CatalogError::ValueNotValid {
            name: name.to_owned(),
            reason: "it is empty".to_owned(),
            form,
        }),
        text => Ok(text.to_owned()),
    }
}
