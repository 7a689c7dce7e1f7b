//! The client that people's programs use.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoint::Endpoint;
use super::error::ClientError;
use super::executions::{Execution, NewExecution};
use super::follow::Follow;
use super::secret::Secret;
use super::tls::MasterTrust;
use super::transport::Transport;
use crate::certificates::Certificate;
use crate::model::ParameterScope;
use crate::package::PackagePassword;
use crate::protocol::logs::{LogPage, LogQuery};
use crate::registry::{Arguments, ProcedureResult, Rows, ViewQuery};

/// How long an ordinary call may take.
const CALL_LIMIT: Duration = Duration::from_secs(100);
/// How long sending or fetching a project may take: half a gigabyte over a slow line.
const DEPLOY_LIMIT: Duration = Duration::from_secs(1800);
/// How long starting may take: with the option `SYNCHRONIZED`, as long as the execution.
const START_LIMIT: Duration = Duration::from_secs(7 * 86_400);

/// How to reach a master, and as whom.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// `https://host:port`
    pub master: String,
    /// Which certificate is the master's.
    pub trust: MasterTrust,
    /// Who calls; without it only `/health` answers.
    pub token: Option<Secret>,
}

/// A log that a master gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogName {
    /// The service log of the master.
    Master,
    /// The service log of a worker.
    Worker(Uuid),
    /// The task logs of an execution.
    Execution(i64),
    /// No log, but the settings of a worker: a line for each key.
    WorkerSettings(Uuid),
}

/// A client of one master. Cheap to clone; connects on the first call.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// The address is not one of a master.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let endpoint: Endpoint = options.master.parse()?;
        let transport = Transport::new(endpoint, &options.trust, None, options.token)?;
        Ok(Self { transport })
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Where calls go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.transport.endpoint()
    }

    /// Calls a catalog procedure.
    ///
    /// # Errors
    /// See [`ClientError`]; what the catalog refuses comes as [`ClientError::Api`].
    pub async fn call(
        &self,
        procedure: &str,
        arguments: Arguments,
    ) -> Result<ProcedureResult, ClientError> {
        let name = path_segment(procedure);
        let limit = match name.as_str() {
            "deploy_project" | "deploy_packages" | "get_project" | "restore_project" => {
                DEPLOY_LIMIT
            }
            "start_execution" => START_LIMIT,
            _ => CALL_LIMIT,
        };
        let path = format!("/catalog/v1/procedures/{name}");
        self.transport.post(&path, &arguments, limit).await
    }

    /// Queries a catalog view.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn view(&self, view: &str, query: &ViewQuery) -> Result<Rows, ClientError> {
        let path = format!("/catalog/v1/views/{}", path_segment(view));
        self.transport.post(&path, query, CALL_LIMIT).await
    }

    /// Queries a view and, while it gives no row, lets the master hold the answer back for up to
    /// `wait` (at most 30 s).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn view_waiting(
        &self,
        view: &str,
        query: &ViewQuery,
        wait: Duration,
    ) -> Result<Rows, ClientError> {
        let name = path_segment(view);
        let path = format!("/catalog/v1/views/{name}?wait_ms={}", wait.as_millis());
        self.transport.post(&path, query, CALL_LIMIT).await
    }

    /// The registry of the master: its procedures and views, as data.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn registry(&self) -> Result<Value, ClientError> {
        self.transport.get("/catalog/v1/registry", CALL_LIMIT).await
    }

    /// A part of a log.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn log(&self, log: &LogName, query: &LogQuery) -> Result<LogPage, ClientError> {
        let mut path = match log {
            LogName::Master => "/catalog/v1/logs/master?".to_owned(),
            LogName::Worker(id) => format!("/catalog/v1/logs/workers/{id}?"),
            LogName::Execution(id) => format!("/catalog/v1/logs/executions/{id}?"),
            LogName::WorkerSettings(id) => format!("/catalog/v1/workers/{id}/settings?"),
        };
        if let Some(tail) = query.tail {
            path.push_str(&format!("tail={tail}&"));
        }
        if let Some(after) = &query.after {
            path.push_str(&format!("after={}", path_segment(after)));
        }
        self.transport.get(&path, CALL_LIMIT).await
    }

    /// The certificate that the master shows.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn master_certificate(&self) -> Result<Certificate, ClientError> {
        self.transport.master_certificate(CALL_LIMIT).await
    }

    /// Whether the master answers, and what it says of itself. Needs no token.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn health(&self) -> Result<Value, ClientError> {
        self.transport.get("/health", CALL_LIMIT).await
    }

    /// Makes a folder and gives its id.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_folder(&self, folder: &str) -> Result<i64, ClientError> {
        let arguments = arguments([("folder_name", json!(folder))]);
        let result = self.call("create_folder", arguments).await?;
        output(&result, "create_folder", "@folder_id")
    }

    /// Makes the folder unless it is there. Two callers at once are both content.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn ensure_folder(&self, folder: &str) -> Result<(), ClientError> {
        if self.has_folder(folder).await? {
            return Ok(());
        }
        match self.create_folder(folder).await {
            Ok(_id) => Ok(()),
            Err(_) if self.has_folder(folder).await? => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn has_folder(&self, folder: &str) -> Result<bool, ClientError> {
        let folders = self.view("folders", &ViewQuery::default()).await?;
        let mut names = folders.iter().filter_map(|row| row.text("name"));
        Ok(names.any(|name| name.eq_ignore_ascii_case(folder)))
    }

    /// Deploys an `.ispac` and gives the id of the operation.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn deploy_project(
        &self,
        folder: &str,
        project: &str,
        ispac: &[u8],
    ) -> Result<i64, ClientError> {
        self.deploy_encrypted(folder, project, ispac, None).await
    }

    /// The same for a project whose files are encrypted with a password. The catalog keeps the
    /// password, encrypted, since workers need it to run the packages.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn deploy_encrypted(
        &self,
        folder: &str,
        project: &str,
        ispac: &[u8],
        password: Option<&PackagePassword>,
    ) -> Result<i64, ClientError> {
        let mut arguments = arguments([
            ("folder_name", json!(folder)),
            ("project_name", json!(project)),
            ("project_stream", json!(STANDARD.encode(ispac))),
        ]);
        if let Some(password) = password {
            arguments.insert("package_password".to_owned(), json!(password.reveal()));
        }
        let result = self.call("deploy_project", arguments).await?;
        output(&result, "deploy_project", "@operation_id")
    }

    /// Creates an execution in Scale Out, with its workers, parameters and overrides, and gives its id.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_execution(&self, new: &NewExecution) -> Result<i64, ClientError> {
        let result = self
            .call(
                "create_execution",
                arguments([
                    ("folder_name", json!(new.folder)),
                    ("project_name", json!(new.project)),
                    ("package_name", json!(new.package)),
                    ("reference_id", json!(new.reference_id)),
                    ("runinscaleout", json!(true)),
                    ("useanyworker", json!(new.workers.is_empty())),
                ]),
            )
            .await?;
        let id = output(&result, "create_execution", "@execution_id")?;
        if let Err(refused) = self.prepare_execution(id, new).await {
            // Nobody can start what was only half prepared; what was refused is the news, so a
            // failure to cancel it as well is not told.
            let _canceled = self.stop(id).await;
            return Err(refused);
        }
        Ok(id)
    }

    /// Starts an execution.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn start_execution(&self, id: i64, retry_count: u32) -> Result<(), ClientError> {
        let arguments = arguments([
            ("execution_id", json!(id)),
            ("retry_count", json!(retry_count)),
        ]);
        self.call("start_execution", arguments).await?;
        Ok(())
    }

    /// Asks to stop an execution.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn stop(&self, id: i64) -> Result<(), ClientError> {
        self.call("stop_operation", arguments([("operation_id", json!(id))]))
            .await?;
        Ok(())
    }

    /// The execution as it is now.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn execution(&self, id: i64) -> Result<Execution, ClientError> {
        let query = ViewQuery {
            equals: vec![("execution_id".to_owned(), id.to_string())],
            ..ViewQuery::default()
        };
        let rows = self.view("executions", &query).await?;
        let row = rows.iter().next();
        Execution::from_row(row.ok_or(ClientError::NoSuchExecution { id })?)
    }

    /// Follows an execution to its end: its messages after number `after_message` (0 for all),
    /// and each change of its state.
    #[must_use]
    pub fn follow(&self, id: i64, after_message: i64) -> Follow {
        Follow::new(self.clone(), id, after_message)
    }

    /// Waits for the end of an execution.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn wait(&self, id: i64) -> Result<Execution, ClientError> {
        // A terminal execution has an end time, so the master can hold this query back till then.
        let ended = ViewQuery {
            equals: vec![("execution_id".to_owned(), id.to_string())],
            greater: vec![("end_time".to_owned(), "1970-01-01T00:00:00Z".to_owned())],
            ..ViewQuery::default()
        };
        loop {
            let execution = self.execution(id).await?;
            if execution.status.is_terminal() {
                return Ok(execution);
            }
            let wait = Duration::from_secs(10);
            self.view_waiting("executions", &ended, wait).await?;
        }
    }

    async fn prepare_execution(&self, id: i64, new: &NewExecution) -> Result<(), ClientError> {
        for worker in &new.workers {
            let arguments = arguments([
                ("execution_id", json!(id)),
                ("workeragent_id", json!(worker)),
            ]);
            self.call("add_execution_worker", arguments).await?;
        }
        if let Some(level) = new.logging_level {
            let value = json!(level.number());
            self.set_parameter(id, ParameterScope::Execution, "LOGGING_LEVEL", &value)
                .await?;
        }
        for parameter in &new.parameters {
            self.set_parameter(id, parameter.scope, &parameter.name, &parameter.value)
                .await?;
        }
        for change in &new.overrides {
            let arguments = arguments([
                ("execution_id", json!(id)),
                ("property_path", json!(change.path)),
                ("property_value", json!(change.value)),
                ("sensitive", json!(change.sensitive)),
            ]);
            self.call("set_execution_property_override_value", arguments)
                .await?;
        }
        Ok(())
    }

    async fn set_parameter(
        &self,
        id: i64,
        scope: ParameterScope,
        name: &str,
        value: &Value,
    ) -> Result<(), ClientError> {
        let arguments = arguments([
            ("execution_id", json!(id)),
            ("object_type", json!(scope.number())),
            ("parameter_name", json!(name)),
            ("parameter_value", value.clone()),
        ]);
        self.call("set_execution_parameter_value", arguments)
            .await?;
        Ok(())
    }
}

pub(super) fn arguments<const N: usize>(pairs: [(&str, Value); N]) -> Arguments {
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

pub(super) fn output(result: &ProcedureResult, call: &str, name: &str) -> Result<i64, ClientError> {
    let bare = name.trim_start_matches('@');
    let value = result
        .outputs
        .iter()
        .find(|(key, _)| key.trim_start_matches('@').eq_ignore_ascii_case(bare))
        .and_then(|(_, value)| value.as_i64());
    value.ok_or_else(|| ClientError::Incomplete {
        call: call.to_owned(),
        what: name.to_owned(),
    })
}

/// A name as one segment of a path: what is not a letter, digit, `_`, `-` or `.` is escaped.
fn path_segment(name: &str) -> String {
    let mut segment = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}
