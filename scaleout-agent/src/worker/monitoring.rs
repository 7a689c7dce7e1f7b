//! The port of a worker for those who watch it: `/health`, `/ready`, `/metrics`. Only with the
//! setting `MonitoringPort`; nothing that a worker does needs it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Json, Router};
use scaleout_core::error::Blame;
use scaleout_core::metrics;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::error::WorkerError;
use super::metrics::Findings;
use super::spool::is_spool;
use super::state::Shared;
use crate::master::{ApiError, ConnectionLimits, Identities, Peer, accept, server_config};

/// Who may call an endpoint of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitoringAccess {
    /// Anyone, without saying who they are.
    Anyone,
    /// Whoever shows a client certificate of the worker's store `Root`.
    Certificate,
}

/// One endpoint of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonitoringEndpoint {
    /// Path; the method is GET.
    pub path: &'static str,
    /// Who may call it.
    pub access: MonitoringAccess,
    action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Health,
    Ready,
    Metrics,
}

/// Every endpoint of a worker.
pub const MONITORING_ENDPOINTS: &[MonitoringEndpoint] = &[
    MonitoringEndpoint {
        path: "/health",
        access: MonitoringAccess::Anyone,
        action: Action::Health,
    },
    MonitoringEndpoint {
        path: "/ready",
        access: MonitoringAccess::Anyone,
        action: Action::Ready,
    },
    MonitoringEndpoint {
        path: "/metrics",
        access: MonitoringAccess::Certificate,
        action: Action::Metrics,
    },
];

/// A port that is taken, before anything else is begun.
#[derive(Debug)]
pub(super) struct Monitoring {
    listener: TcpListener,
    identities: Arc<Identities>,
}

impl Monitoring {
    /// Takes the port; `None` where the setting is 0.
    pub async fn bind(port: u16, identities: Arc<Identities>) -> Result<Option<Self>, WorkerError> {
        if port == 0 {
            return Ok(None);
        }
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        match TcpListener::bind(address).await {
            Ok(listener) => Ok(Some(Self {
                listener,
                identities,
            })),
            Err(source) => Err(WorkerError::Listen { port, source }),
        }
    }

    /// Answers until it is dropped: a worker that drains can be watched to its end.
    pub async fn serve(self, shared: Arc<Shared>) {
        let tls = match server_config(self.identities) {
            Ok(tls) => tls,
            Err(error) => {
                tracing::error!("nobody can watch this worker: {error}");
                return;
            }
        };
        let (_open, closing) = watch::channel(false);
        let limits = ConnectionLimits::default();
        accept(self.listener, tls, router(&shared), limits, closing).await;
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    for endpoint in MONITORING_ENDPOINTS {
        let guard = from_fn_with_state((Arc::clone(shared), endpoint.access), guard);
        router = router.route(endpoint.path, handler(endpoint.action).layer(guard));
    }
    router
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .with_state(Arc::clone(shared))
}

fn handler(action: Action) -> MethodRouter<Arc<Shared>> {
    match action {
        Action::Health => get(health),
        Action::Ready => get(ready),
        Action::Metrics => get(metrics),
    }
}

async fn guard(
    State((shared, access)): State<(Arc<Shared>, MonitoringAccess)>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = match access {
        MonitoringAccess::Anyone => Ok(()),
        MonitoringAccess::Certificate => known(&shared, &peer),
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Whether the certificate of the connection is in the worker's store `Root`.
fn known(shared: &Shared, peer: &Peer) -> Result<(), ApiError> {
    let Some(certificate) = &peer.certificate else {
        return Err(ApiError::new(
            "SO1201",
            Blame::Forbidden,
            "who reads the metrics of a worker must show a client certificate, and this connection \
             has none",
            "give Prometheus a certificate (`tls_config` with `cert_file` and `key_file`), and put it \
             into the worker's store: `soctl cert install FILE --store Root --data FOLDER`",
        ));
    };
    let checked = shared.check_monitor(certificate);
    checked.map_err(|refusal| {
        tracing::warn!(address = %peer.address, "refused a reader of metrics: {refusal}");
        ApiError::from_error(&refusal)
    })
}

async fn health(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "time": shared.clock.now(),
    }))
}

async fn ready(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, ApiError> {
    let why = if *shared.stopping.borrow() {
        "this worker stops"
    } else if !*shared.registered.borrow() {
        "this worker is not registered with the master"
    } else {
        return Ok(Json(json!({ "status": "ready" })));
    };
    Err(ApiError::new(
        "SO1209",
        Blame::Unreachable,
        &format!("not ready: {why}"),
        "ask again in a moment; `soctl doctor` on the machine of the worker finds the cause",
    ))
}

async fn metrics(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let page = shared.metrics.page(&findings(&shared));
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], page)
}

async fn nothing_here() -> ApiError {
    ApiError::new(
        "SO1205",
        Blame::Missing,
        "there is no such endpoint",
        "a worker has /health, /ready and /metrics",
    )
}

pub(super) fn findings(shared: &Shared) -> Findings {
    Findings {
        now: shared.clock.now(),
        registered: *shared.registered.borrow(),
        slots: shared.settings().max_task_count,
        running: shared.attempts.count_running(),
        waiting_for_children: shared.attempts.waiting(),
        held: shared.attempts.count(),
        load: *shared.load.borrow(),
        held_back: shared.gate.borrow().is_some(),
        last_contact: shared.last_contact(),
        certificate_end: shared.credentials().identity.certificate.facts().not_after,
        buffers: shared.buffers.used(),
        spool: size_of(shared.spools.path()),
    }
}

/// How many files a folder has, and their bytes.
fn size_of(folder: &std::path::Path) -> (u64, u64) {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let spools = entries.flatten().filter(|entry| is_spool(&entry.path()));
    let files = spools.filter_map(|entry| entry.metadata().ok());
    files.fold((0, 0), |(count, bytes), file| {
        (count + 1, bytes + file.len())
    })
}
