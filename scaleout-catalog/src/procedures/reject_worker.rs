//! `catalog.reject_worker`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::{CatalogError, JoinError};
use crate::store::joins::{self, RequestState};

/// Refuses a worker that has asked to join.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@request_id");
    let (by, now) = (cx.caller.name.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let request = joins::by_id(session, id)
                .await?
                .ok_or(JoinError::RequestMissing { id })?;
            if joins::decide(session, id, RequestState::Rejected, &by, now).await? {
                return Ok(done());
            }
            let state = request.state.as_str();
            Err(JoinError::RequestDecided { id, state }.into())
        })
    })
    .await
}
