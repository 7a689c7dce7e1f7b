//! `catalog.approve_worker`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::{CatalogError, JoinError};
use crate::master::joins::admit;
use crate::store::joins::{self, RequestState};

/// Lets a worker in that has asked to join.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (id, enable) = (
        args.integer("@request_id"),
        args.bit("@enable").unwrap_or(false),
    );
    let (by, now) = (cx.caller.name.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let request = joins::by_id(session, id)
                .await?
                .ok_or(JoinError::RequestMissing { id })?;
            if !joins::decide(session, id, RequestState::Approved, &by, now).await? {
                let state = request.state.as_str();
                return Err(JoinError::RequestDecided { id, state }.into());
            }
            admit(session, &request, enable, &by, now).await?;
            Ok(done())
        })
    })
    .await
}
