//! `POST views/{name}` with a query as JSON, `GET views/{name}?column=value` for hand-written ones.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use scaleout_core::error::Blame;
use scaleout_core::model::Caller;
use scaleout_core::registry::{Rows, ViewQuery};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use super::super::state::Shared;
use super::answer::ApiError;
use super::body;

/// Longest time that an answer without rows is held back.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often a held-back query looks again even when nothing moved, for what another process did.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

#[derive(Debug, Default, Deserialize)]
pub(super) struct Waiting {
    #[serde(default)]
    wait_ms: u64,
}

pub(super) async fn view(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Query(waiting): Query<Waiting>,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Result<Json<Rows>, ApiError> {
    let query: ViewQuery = body::read(body, body::ORDINARY).await?;
    answer(&shared, &caller, &name, &query, waiting.wait_ms).await
}

pub(super) async fn view_by_query(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Rows>, ApiError> {
    let (query, wait_ms) = from_pairs(pairs)?;
    answer(&shared, &caller, &name, &query, wait_ms).await
}

/// Answers at once when there are rows; otherwise waits for some.
async fn answer(
    shared: &Shared,
    caller: &Caller,
    name: &str,
    query: &ViewQuery,
    wait_ms: u64,
) -> Result<Json<Rows>, ApiError> {
    let end = Instant::now() + Duration::from_millis(wait_ms).min(LONGEST_WAIT);
    let mut activity = shared.activity();
    let closing = shared.closing();
    loop {
        activity.mark_unchanged();
        let rows = shared.catalog().view(caller, name, query).await?;
        let over = end <= Instant::now() || *closing.borrow();
        if over || !rows.rows.is_empty() {
            return Ok(Json(rows));
        }
        let look_again = end.min(Instant::now() + LOOK_AGAIN);
        tokio::select! {
            _ = timeout_at(look_again, activity.changed()) => {}
            () = shared.closed() => {}
        }
    }
}

/// `column=value` is equality, `column.gt=value` is greater; `order_by`, `descending`, `limit`
/// and `wait_ms` mean what they say.
fn from_pairs(pairs: Vec<(String, String)>) -> Result<(ViewQuery, u64), ApiError> {
    let mut query = ViewQuery::default();
    let mut wait_ms = 0;
    for (key, value) in pairs {
        match key.as_str() {
            "order_by" => query.order_by = Some(value),
            "descending" => query.descending = matches!(value.as_str(), "" | "1" | "true"),
            "limit" => query.limit = Some(number(&key, &value)?),
            "wait_ms" => wait_ms = number(&key, &value)?,
            _ => match key.strip_suffix(".gt") {
                Some(column) => query.greater.push((column.to_owned(), value)),
                None => query.equals.push((key, value)),
            },
        }
    }
    Ok((query, wait_ms))
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T, ApiError> {
    value.parse().map_err(|_| {
        ApiError::new(
            "SO1204",
            Blame::Caller,
            &format!("`{key}` must be a whole number"),
            "write it with digits only",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_says_the_same_as_json() {
        let pairs = [
            ("execution_id", "7"),
            ("event_message_id.gt", "100"),
            ("order_by", "event_message_id"),
            ("descending", "true"),
            ("limit", "5"),
            ("wait_ms", "250"),
        ];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let (query, wait_ms) = from_pairs(pairs.to_vec()).unwrap();
        assert_eq!(wait_ms, 250);
        assert_eq!(
            query,
            ViewQuery {
                equals: vec![("execution_id".to_owned(), "7".to_owned())],
                greater: vec![("event_message_id".to_owned(), "100".to_owned())],
                order_by: Some("event_message_id".to_owned()),
                descending: true,
                limit: Some(5),
            }
        );
        let bad = vec![("limit".to_owned(), "many".to_owned())];
        assert!(from_pairs(bad).is_err());
    }
}
