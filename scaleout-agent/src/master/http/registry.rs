//! `GET registry`: what procedures and views there are, as data.

use axum::Json;
use scaleout_core::registry::{Procedure, View, all_procedures, all_views};
use serde_json::{Value, json};

pub(super) async fn registry() -> Json<Value> {
    let procedures: Vec<&Procedure> = all_procedures().collect();
    let views: Vec<&View> = all_views().collect();
    Json(json!({ "procedures": procedures, "views": views }))
}
