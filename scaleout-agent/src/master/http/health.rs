//! `GET /health`: alive, and which protocol. The one endpoint for anyone.

use axum::Json;
use axum::extract::State;
use scaleout_core::protocol::PROTOCOL_VERSION;
use serde_json::{Value, json};

use super::super::state::Shared;

pub(super) async fn health(State(shared): State<Shared>) -> Json<Value> {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "protocol_version": PROTOCOL_VERSION,
        // So that a worker can compare its clock before it is let in.
        "time": shared.now(),
    }))
}
