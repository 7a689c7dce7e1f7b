//! `GET registry`: what procedures and views there are, as data.

use axum::Json;
use scaleout_core::registry::procedures::PROCEDURES;
use scaleout_core::registry::views::VIEWS;
use serde_json::{Value, json};

pub(super) async fn registry() -> Json<Value> {
    Json(json!({ "procedures": PROCEDURES, "views": VIEWS }))
}
