//! From the table of endpoints to a router: every route sits behind the guard.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use scaleout_core::error::Blame;

use super::super::guard::guard;
use super::super::state::Shared;
use super::answer::ApiError;
use super::endpoints::{Action, ENDPOINTS};
use super::{
    await_child, call_job, complete, hand_back, health, heartbeat, join, lease, log, login, logs,
    metrics, procedure, project, ready, register, registry, renew, service_log, start_child,
    task_heartbeat, view,
};

/// All endpoints of a master.
pub(in super::super) fn router(shared: &Shared) -> Router {
    let mut router = Router::new();
    for endpoint in ENDPOINTS {
        let guard = from_fn_with_state((shared.clone(), endpoint), guard);
        router = router.route(endpoint.path, handler(endpoint.action).layer(guard));
    }
    router
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .with_state(shared.clone())
}

fn handler(action: Action) -> MethodRouter<Shared> {
    match action {
        Action::Health => get(health::health),
        Action::Ready => get(ready::ready),
        Action::Metrics => get(metrics::metrics),
        Action::ServiceLog => post(service_log::service_log),
        Action::LogOfMaster => get(logs::master),
        Action::LogOfWorker => get(logs::worker),
        Action::LogOfExecution => get(logs::execution),
        Action::SettingsOfWorker => get(logs::settings),
        Action::Register => post(register::register),
        Action::Join => post(join::join),
        Action::Renew => post(renew::renew),
        Action::Heartbeat => post(heartbeat::heartbeat),
        Action::Lease => post(lease::lease),
        Action::TaskHeartbeat => post(task_heartbeat::task_heartbeat),
        Action::Log => post(log::log),
        Action::Complete => post(complete::complete),
        Action::CallJob => post(call_job::call_job),
        Action::StartChild => post(start_child::start_child),
        Action::AwaitChild => post(await_child::await_child),
        Action::HandBack => post(hand_back::hand_back),
        Action::Project => get(project::project),
        Action::Procedure => post(procedure::procedure),
        Action::View => post(view::view),
        Action::ViewByQuery => get(view::view_by_query),
        Action::Registry => get(registry::registry),
        Action::Login => post(login::login),
        Action::Logout => post(login::logout),
        Action::WhoAmI => get(login::whoami),
    }
}

async fn nothing_here() -> ApiError {
    ApiError::new(
        "SO1205",
        Blame::Missing,
        "there is no such endpoint",
        "compare the versions of both sides",
    )
}
