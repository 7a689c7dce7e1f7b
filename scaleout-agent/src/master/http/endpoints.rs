//! The table of endpoints: what there is and who may call it. The router is built from it, so
//! an endpoint without a row does not exist.

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without saying who they are.
    Anyone,
    /// Whoever shows a client certificate of the trust store.
    Certificate,
    /// A registered worker, by its certificate.
    Worker,
    /// Whoever shows credentials in the request itself, or a client certificate that a login has.
    Login,
    /// A person or script, by its token. What they may do is decided by the catalog.
    Person,
}

/// One endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with `{name}` where something is named.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What answers.
    pub(super) action: Action,
}

/// What answers on an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Health,
    Ready,
    Metrics,
    ServiceLog,
    LogOfMaster,
    LogOfWorker,
    LogOfExecution,
    SettingsOfWorker,
    Join,
    Register,
    Renew,
    Heartbeat,
    Lease,
    TaskHeartbeat,
    Log,
    Complete,
    StartChild,
    AwaitChild,
    CallJob,
    HandBack,
    Project,
    Procedure,
    View,
    ViewByQuery,
    Registry,
    Login,
    Logout,
    WhoAmI,
}

const fn endpoint(
    method: &'static str,
    path: &'static str,
    access: Access,
    action: Action,
) -> Endpoint {
    Endpoint {
        method,
        path,
        access,
        action,
    }
}

/// Every endpoint of a master.
pub const ENDPOINTS: &[Endpoint] = &[
    endpoint("GET", "/health", Access::Anyone, Action::Health),
    endpoint("GET", "/ready", Access::Anyone, Action::Ready),
    endpoint("GET", "/metrics", Access::Person, Action::Metrics),
    endpoint(
        "POST",
        "/ClusterManagement/v1/register",
        Access::Certificate,
        Action::Register,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/join",
        Access::Login,
        Action::Join,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/renew",
        Access::Worker,
        Action::Renew,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/heartbeat",
        Access::Worker,
        Action::Heartbeat,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/lease",
        Access::Worker,
        Action::Lease,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/task_heartbeat",
        Access::Worker,
        Action::TaskHeartbeat,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/log",
        Access::Worker,
        Action::Log,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/complete",
        Access::Worker,
        Action::Complete,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/start_child",
        Access::Worker,
        Action::StartChild,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/await_child",
        Access::Worker,
        Action::AwaitChild,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/call_job",
        Access::Worker,
        Action::CallJob,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/hand_back",
        Access::Worker,
        Action::HandBack,
    ),
    endpoint(
        "GET",
        "/ClusterManagement/v1/projects/{hash}",
        Access::Worker,
        Action::Project,
    ),
    endpoint(
        "POST",
        "/ClusterManagement/v1/service_log",
        Access::Worker,
        Action::ServiceLog,
    ),
    endpoint(
        "GET",
        "/catalog/v1/logs/master",
        Access::Person,
        Action::LogOfMaster,
    ),
    endpoint(
        "GET",
        "/catalog/v1/logs/workers/{worker}",
        Access::Person,
        Action::LogOfWorker,
    ),
    endpoint(
        "GET",
        "/catalog/v1/logs/executions/{execution}",
        Access::Person,
        Action::LogOfExecution,
    ),
    endpoint(
        "GET",
        "/catalog/v1/workers/{worker}/settings",
        Access::Person,
        Action::SettingsOfWorker,
    ),
    endpoint(
        "POST",
        "/catalog/v1/procedures/{name}",
        Access::Person,
        Action::Procedure,
    ),
    endpoint(
        "POST",
        "/catalog/v1/views/{name}",
        Access::Person,
        Action::View,
    ),
    endpoint(
        "GET",
        "/catalog/v1/views/{name}",
        Access::Person,
        Action::ViewByQuery,
    ),
    endpoint("POST", "/catalog/v1/login", Access::Login, Action::Login),
    endpoint("POST", "/catalog/v1/logout", Access::Person, Action::Logout),
    endpoint("GET", "/catalog/v1/whoami", Access::Person, Action::WhoAmI),
    endpoint(
        "GET",
        "/catalog/v1/registry",
        Access::Person,
        Action::Registry,
    ),
];
