//! `catalog.startup`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::master::take_back_expired;

/// Takes back every lease that has ended: what a worker that is gone left running is offered again
/// or ends, by the rules of its lease. The master does the same by itself.
pub async fn run(cx: &Call<'_>, _args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let now = cx.now;
    cx.write(move |session| Box::pin(async move { take_back_expired(session, now).await }))
        .await?;
    Ok(done())
}
