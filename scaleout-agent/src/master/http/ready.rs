//! `GET /ready`: whether this master can do its work, for load balancers. For anyone; says no more
//! than that.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use scaleout_core::error::Blame;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::super::state::Shared;
use super::answer::ApiError;

/// A catalog that takes longer to answer does not count as there.
const LIMIT: Duration = Duration::from_secs(5);

pub(super) async fn ready(State(shared): State<Shared>) -> Result<Json<Value>, ApiError> {
    if *shared.closing().borrow() {
        return Err(not_ready("this master stops"));
    }
    match timeout(LIMIT, shared.catalog().next_deadline()).await {
        Ok(Ok(_)) => Ok(Json(json!({ "status": "ready" }))),
        Ok(Err(error)) => {
            tracing::warn!("not ready: {error}");
            Err(not_ready("the catalog does not answer"))
        }
        Err(_) => {
            tracing::warn!(
                "not ready: the catalog did not answer within {} s",
                LIMIT.as_secs()
            );
            Err(not_ready("the catalog does not answer"))
        }
    }
}

fn not_ready(why: &str) -> ApiError {
    ApiError::new(
        "SO1209",
        Blame::Unreachable,
        &format!("not ready: {why}"),
        "ask again in a moment; `soctl doctor` on the machine of the master finds the cause",
    )
}
