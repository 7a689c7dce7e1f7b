//! `GET /health`: alive, and which protocol. The one endpoint for anyone.

use axum::Json;
use scaleout_core::protocol::PROTOCOL_VERSION;
use serde_json::{Value, json};

pub(super) async fn health() -> Json<Value> {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "protocol_version": PROTOCOL_VERSION,
    }))
}
