//! `GET /metrics`: the page for Prometheus, for monitors and administrators.

use std::time::Instant;

use axum::Extension;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use scaleout_catalog::{CatalogError, Role};
use scaleout_core::error::Blame;
use scaleout_core::metrics;
use scaleout_core::model::Caller;
use scaleout_core::registry::ViewQuery;

use super::super::metrics::Findings;
use super::super::state::Shared;
use super::answer::ApiError;

pub(super) async fn metrics(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
) -> Result<impl IntoResponse, ApiError> {
    needs_role(&caller, Role::Monitor, "reading metrics")?;
    let page = shared.metrics().page(&find(&shared).await?);
    Ok(([(CONTENT_TYPE, metrics::CONTENT_TYPE)], page))
}

/// Refuses who has neither this role nor one of an administrator.
pub(super) fn needs_role(caller: &Caller, role: Role, what: &str) -> Result<(), ApiError> {
    if [role, Role::SysAdmin, Role::SsisAdmin]
        .iter()
        .any(|role| caller.has(*role))
    {
        return Ok(());
    }
    let role = role.as_str();
    Err(ApiError::new(
        "SO1208",
        Blame::Forbidden,
        &format!(
            "{what} needs the role {role}, and `{}` does not have it",
            caller.name
        ),
        &format!("an administrator gives it: `soctl logins grant LOGIN {role}`"),
    ))
}

async fn find(shared: &Shared) -> Result<Findings, CatalogError> {
    let catalog = shared.catalog();
    let asked = Instant::now();
    let snapshot = catalog.scheduling_snapshot().await?;
    let current = ViewQuery {
        equals: vec![("is_current".to_owned(), "1".to_owned())],
        ..ViewQuery::default()
    };
    // The page shows no more of a certificate than whose it is and when it ends.
    let itself = Caller::new("metrics", Role::SsisAdmin);
    let certificates = catalog
        .view(&itself, "worker_certificates", &current)
        .await?;
    let ends = certificates.iter();
    let ends = ends.filter_map(|row| Some((row.guid("WorkerAgentId")?, row.time("not_after")?)));
    Ok(Findings {
        snapshot,
        worker_certificates: ends.collect(),
        master_certificate: shared
            .identities()
            .current()
            .map(|certificate| certificate.facts().not_after),
        commits: catalog.commit_counts(),
        commit_durations: catalog.commit_durations(),
        reading: asked.elapsed(),
    })
}
