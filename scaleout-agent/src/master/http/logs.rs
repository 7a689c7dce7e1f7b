//! `GET logs/…`: the service log of this master, that of a worker, and the task logs of an execution.

use std::time::Duration;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use scaleout_catalog::{OFFLINE_AFTER, Role};
use scaleout_core::error::Blame;
use scaleout_core::model::Caller;
use scaleout_core::protocol::logs::{LogPage, LogQuery, LogSource};
use scaleout_core::registry::ViewQuery;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use uuid::Uuid;

use super::super::state::Shared;
use super::answer::ApiError;
use super::metrics::needs_role;

/// How long a worker may take to answer: one that waits for work hears of it at once.
const LIMIT: Duration = Duration::from_secs(15);

pub(super) async fn master(
    State(shared): State<Shared>,
    query: Result<Query<LogQuery>, QueryRejection>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<LogPage>, ApiError> {
    let Query(query) = query.map_err(|error| malformed(&error.body_text()))?;
    needs_role(&caller, Role::LogReader, "reading service logs")?;
    let Some(place) = shared.log().cloned() else {
        return Err(unavailable("this master writes no log file"));
    };
    match spawn_blocking(move || place.read(&query)).await {
        Ok(Ok(page)) => Ok(Json(page)),
        Ok(Err(error)) => Err(unavailable(&format!("the log cannot be read: {error}"))),
        Err(error) => Err(unavailable(&error.to_string())),
    }
}

pub(super) async fn worker(
    State(shared): State<Shared>,
    path: Result<Path<Uuid>, PathRejection>,
    query: Result<Query<LogQuery>, QueryRejection>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<LogPage>, ApiError> {
    let Path(worker) = path.map_err(|error| malformed(&error.body_text()))?;
    let Query(query) = query.map_err(|error| malformed(&error.body_text()))?;
    needs_role(&caller, Role::LogReader, "reading service logs")?;
    Ok(Json(ask(&shared, worker, LogSource::Service, query).await?))
}

pub(super) async fn settings(
    State(shared): State<Shared>,
    path: Result<Path<Uuid>, PathRejection>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<LogPage>, ApiError> {
    let Path(worker) = path.map_err(|error| malformed(&error.body_text()))?;
    needs_role(&caller, Role::LogReader, "reading the settings of a worker")?;
    let query = LogQuery::default();
    Ok(Json(
        ask(&shared, worker, LogSource::Settings, query).await?,
    ))
}

pub(super) async fn execution(
    State(shared): State<Shared>,
    path: Result<Path<i64>, PathRejection>,
    query: Result<Query<LogQuery>, QueryRejection>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<LogPage>, ApiError> {
    let Path(id) = path.map_err(|error| malformed(&error.body_text()))?;
    let Query(query) = query.map_err(|error| malformed(&error.body_text()))?;
    // Who may not see it does not find it.
    let by_id = ViewQuery {
        equals: vec![("execution_id".to_owned(), id.to_string())],
        ..ViewQuery::default()
    };
    let found = shared.catalog().view(&caller, "executions", &by_id).await?;
    let Some(row) = found.iter().next() else {
        return Err(ApiError::new(
            "SO1108",
            Blame::Missing,
            &format!("there is no execution {id}"),
            "`soctl executions list` shows those that you may see",
        ));
    };
    let is_final = row.time("end_time").is_some();
    let worker = row.text("worker_agent_id").and_then(|id| id.parse().ok());
    let Some(worker) = worker.or_else(|| row.guid("worker_agent_id")) else {
        return Ok(Json(LogPage {
            is_final,
            ..LogPage::default()
        }));
    };
    let mut page = ask(&shared, worker, LogSource::Execution(id), query).await?;
    // What ended before the question was asked is in the answer as far as the page goes.
    page.is_final = is_final && page.lines.is_empty();
    Ok(Json(page))
}

async fn ask(
    shared: &Shared,
    worker: Uuid,
    source: LogSource,
    query: LogQuery,
) -> Result<LogPage, ApiError> {
    let snapshot = shared.catalog().scheduling_snapshot().await?;
    let mut workers = snapshot.workers.iter();
    let Some(known) = workers.find(|known| known.worker == worker) else {
        return Err(unavailable(&format!("there is no worker {worker}")));
    };
    if OFFLINE_AFTER < snapshot.taken.duration_since(known.last_seen) {
        return Err(unavailable(&format!("worker {worker} is offline")));
    }
    let Some(answered) = shared.logs().ask(worker, source, query) else {
        return Err(unavailable("too many logs are being asked for"));
    };
    shared.dispatch().wake(worker);
    match timeout(LIMIT, answered).await {
        Ok(Ok(answer)) => match (answer.page, answer.problem) {
            (Some(page), _) => Ok(page),
            (None, problem) => Err(unavailable(&format!(
                "worker {worker} has no such log: {}",
                problem.unwrap_or_default()
            ))),
        },
        _ => Err(unavailable(&format!(
            "worker {worker} did not answer within {} s",
            LIMIT.as_secs()
        ))),
    }
}

fn malformed(message: &str) -> ApiError {
    ApiError::new(
        "SO1204",
        Blame::Caller,
        message,
        "compare the versions of both sides",
    )
}

fn unavailable(message: &str) -> ApiError {
    ApiError::new(
        "SO1215",
        Blame::Missing,
        message,
        "a worker answers the master that it is connected to, while it is online: `soctl workers list`. \
         On its machine the files are in `ScaleOut` in its data folder; what packages said is also in \
         the catalog: `soctl executions messages ID`",
    )
}
