//! A fresh catalog with a clock that tests move, and projects to deploy.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use jiff::Timestamp;
use scaleout_catalog::{Caller, Catalog, CatalogError, CatalogLocation, Proposal, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::model::Clock;
use scaleout_core::package::ispac::{self, Member};
use scaleout_core::protocol::event::{Event, EventBody, EventMessage, PackageResult};
use scaleout_core::protocol::task::TaskDescription;
use scaleout_core::protocol::worker::{
    AttemptKey, AttemptOutcome, Complete, CompleteReply, LogBatch, Register,
};
use scaleout_core::registry::{Arguments, ProcedureResult, ViewQuery};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::databases::{Database, scalar};

/// A worker that every test may use.
pub const ANNA: Uuid = Uuid::from_u128(0xa);
/// And another one.
pub const BERT: Uuid = Uuid::from_u128(0xb);

/// Time that moves only when told to.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A catalog under test.
pub struct Bench {
    pub catalog: Catalog,
    pub clock: Arc<TestClock>,
    pub folder: tempfile::TempDir,
    pub location: CatalogLocation,
}

impl Bench {
    /// A fresh catalog.
    pub async fn open(on: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = on.fresh(&folder).await;
        Self::open_at(location, folder).await
    }

    /// The catalog of a location; what it has of files is in the folder.
    pub async fn open_at(location: CatalogLocation, folder: tempfile::TempDir) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(1_800_000_000)));
        let catalog = Catalog::open(&location, folder.path(), clock.clone())
            .await
            .unwrap();
        Self {
            catalog,
            clock,
            folder,
            location,
        }
    }

    /// Closes and opens the same database.
    pub async fn reopen(self) -> Self {
        self.catalog.clone().close().await;
        let catalog = self.open_again().await.unwrap();
        Self { catalog, ..self }
    }

    /// One more catalog on the same database.
    pub async fn open_again(&self) -> Result<Catalog, CatalogError> {
        Catalog::open(&self.location, self.folder.path(), self.clock.clone()).await
    }

    /// Whether a text stands anywhere in what is stored.
    pub async fn holds(&self, text: &str) -> bool {
        let mut stored = Vec::new();
        match &self.location {
            CatalogLocation::Sqlite(_) => {
                for entry in std::fs::read_dir(self.folder.path()).unwrap() {
                    stored.extend(std::fs::read(entry.unwrap().path()).unwrap());
                }
            }
            CatalogLocation::Postgres(location) => {
                let all = "SELECT schema_to_xml('internal', true, false, '')::text";
                stored.extend(scalar(&location.to_string(), all).await.into_bytes());
            }
        }
        stored
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    }

    /// The file of the key.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join(match self.location {
            CatalogLocation::Sqlite(_) => "catalog.db.key",
            CatalogLocation::Postgres(_) => "catalog.key",
        })
    }

    pub fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn in_seconds(&self, seconds: i64) -> Timestamp {
        Timestamp::from_second(self.clock.now().as_second() + seconds).unwrap()
    }

    pub async fn call(
        &self,
        procedure: &str,
        arguments: Value,
    ) -> Result<ProcedureResult, CatalogError> {
        self.call_as(&admin(), procedure, arguments).await
    }

    pub async fn call_as(
        &self,
        caller: &Caller,
        procedure: &str,
        arguments: Value,
    ) -> Result<ProcedureResult, CatalogError> {
        let arguments: Arguments = serde_json::from_value(arguments).unwrap();
        self.catalog.call(caller, procedure, &arguments).await
    }

    /// A login that exists, without a password.
    pub async fn login(&self, name: &str, role: Role) -> Caller {
        self.catalog.create_token(name, role).await.unwrap();
        Caller::new(name, role)
    }

    /// The id of a login or role.
    pub async fn principal(&self, name: &str) -> i64 {
        let found = self.view("principals", &[("name", name)]).await;
        found[0]["principal_id"].as_i64().unwrap()
    }

    /// Grants a permission, as an administrator.
    pub async fn grant(&self, who: &str, object_type: i64, object_id: i64, permission: i64) {
        let arguments = json!({
            "object_type": object_type, "object_id": object_id,
            "principal_id": self.principal(who).await, "permission_type": permission,
        });
        let granted = self.call("grant_permission", arguments).await.unwrap();
        assert_eq!(granted.return_value, 0, "{granted:?}");
    }

    /// The code that a call is refused with.
    pub async fn refusal(&self, procedure: &str, arguments: Value) -> String {
        let error = self.call(procedure, arguments).await.unwrap_err();
        error.code().to_owned()
    }

    /// Rows of a view as objects.
    pub async fn view(&self, view: &str, equals: &[(&str, &str)]) -> Vec<Value> {
        self.view_as(&admin(), view, equals).await
    }

    pub async fn view_as(
        &self,
        caller: &Caller,
        view: &str,
        equals: &[(&str, &str)],
    ) -> Vec<Value> {
        let query = ViewQuery {
            equals: equals
                .iter()
                .map(|(c, v)| ((*c).into(), (*v).into()))
                .collect(),
            ..ViewQuery::default()
        };
        let rows = self.catalog.view(caller, view, &query).await.unwrap();
        rows.rows
            .into_iter()
            .map(|row| rows.columns.iter().cloned().zip(row).collect())
            .collect()
    }

    /// Folder `f` with project `p`; Scale Out is on.
    pub async fn with_project(on: Database, packages: &[Pkg]) -> Self {
        Self::open(on).await.and_project(packages).await
    }

    /// Folder `f` with project `p`; Scale Out is on.
    pub async fn and_project(self, packages: &[Pkg]) -> Self {
        let bench = self;
        bench
            .call("create_folder", json!({"folder_name": "f"}))
            .await
            .unwrap();
        bench.call("enable_scaleout", json!({})).await.unwrap();
        bench.deploy("p", packages, "").await.unwrap();
        bench
    }

    pub async fn deploy(
        &self,
        project: &str,
        packages: &[Pkg],
        project_parameters: &str,
    ) -> Result<ProcedureResult, CatalogError> {
        let file = project_file(project, packages, project_parameters);
        self.deploy_bytes(project, &file).await
    }

    pub async fn deploy_bytes(
        &self,
        project: &str,
        file: &[u8],
    ) -> Result<ProcedureResult, CatalogError> {
        let stream = base64::engine::general_purpose::STANDARD.encode(file);
        let arguments =
            json!({"folder_name": "f", "project_name": project, "project_stream": stream});
        self.call("deploy_project", arguments).await
    }

    pub async fn create(&self, extra: Value) -> Result<i64, CatalogError> {
        self.create_as(&admin(), extra).await
    }

    /// Creates so many executions that are not started.
    pub async fn created(&self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.create(json!({})).await.unwrap());
        }
        ids
    }

    pub async fn create_as(&self, caller: &Caller, extra: Value) -> Result<i64, CatalogError> {
        let mut arguments = json!({
            "folder_name": "f", "project_name": "p", "package_name": "a.dtsx", "runinscaleout": 1,
        });
        for (name, value) in extra.as_object().unwrap() {
            arguments[name] = value.clone();
        }
        let result = self.call_as(caller, "create_execution", arguments).await?;
        Ok(result.outputs["@execution_id"].as_i64().unwrap())
    }

    pub async fn start(&self, id: i64) -> Result<ProcedureResult, CatalogError> {
        self.call("start_execution", json!({"execution_id": id}))
            .await
    }

    /// A pending execution of package `a.dtsx`.
    pub async fn pending(&self, retries: i64) -> i64 {
        let id = self.create(json!({})).await.unwrap();
        let arguments = json!({"execution_id": id, "retry_count": retries});
        self.call("start_execution", arguments).await.unwrap();
        id
    }

    /// A registered and enabled worker.
    pub async fn worker(&self, worker: Uuid) {
        self.catalog
            .register_worker(&registration(worker), &thumbprint(worker))
            .await
            .unwrap();
        self.call("enable_worker_agent", json!({"WorkerAgentId": worker}))
            .await
            .unwrap();
    }

    /// Leases to a worker for a minute.
    pub async fn lease(&self, id: i64, worker: Uuid) -> Option<TaskDescription> {
        self.lease_all(&[(id, worker)]).await.remove(0)
    }

    /// The same for several at once.
    pub async fn lease_all(&self, wanted: &[(i64, Uuid)]) -> Vec<Option<TaskDescription>> {
        let proposals = wanted
            .iter()
            .map(|(id, worker)| self.proposal(*id, *worker));
        let proposals = proposals.collect();
        self.catalog.grant_leases(proposals).await.unwrap()
    }

    /// To lease it for a minute.
    pub fn proposal(&self, execution_id: i64, worker: Uuid) -> Proposal {
        Proposal {
            execution_id,
            worker,
            until: self.in_seconds(60),
        }
    }

    pub async fn finish(
        &self,
        worker: Uuid,
        attempt: AttemptKey,
        result: PackageResult,
    ) -> CompleteReply {
        let complete = Complete {
            events: Vec::new(),
            attempt,
            outcome: AttemptOutcome::Ran { result },
            last_sequence: 0,
            began: None,
            usage: None,
            left_out: 0,
        };
        self.catalog.complete(worker, &complete).await.unwrap()
    }

    /// How many rows of a table of the catalog a condition holds for.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        let sql = |table: &str| format!("SELECT count(*) FROM {table} WHERE {condition}");
        match &self.location {
            CatalogLocation::Sqlite(path) => {
                let raw = rusqlite::Connection::open(path).unwrap();
                raw.query_row(&sql(table), [], |row| row.get(0)).unwrap()
            }
            CatalogLocation::Postgres(location) => {
                let sql = sql(&format!("internal.{table}"));
                let sql = sql.replace("count(*)", "count(*)::text");
                let count = scalar(&location.to_string(), &sql).await;
                count.parse().unwrap()
            }
        }
    }

    /// A column of an execution.
    pub async fn execution(&self, id: i64, column: &str) -> Value {
        let rows = self
            .view("executions", &[("execution_id", &id.to_string())])
            .await;
        rows[0][column].clone()
    }
}

pub fn admin() -> Caller {
    Caller::new("admin", Role::SsisAdmin)
}

pub fn key(execution_id: i64, attempt: u32) -> AttemptKey {
    AttemptKey {
        execution_id,
        attempt,
    }
}

pub fn thumbprint(worker: Uuid) -> String {
    format!("{:040X}", worker.as_u128())
}

pub fn registration(worker: Uuid) -> Register {
    Register {
        worker_agent_id: worker,
        protocol_version: 1,
        program_version: "0.1.0".into(),
        machine_name: "host".into(),
        display_name: format!("worker {}", worker.as_u128()),
        description: String::new(),
        user_account: "etl".into(),
        max_task_count: 2,
        running: Vec::new(),
        number: 0,
    }
}

/// Messages `from..=to` of an attempt.
pub fn messages(attempt: AttemptKey, from: u64, to: u64) -> LogBatch {
    let events = (from..=to)
        .map(|sequence| Event {
            sequence,
            time: Timestamp::from_second(1_800_000_000).unwrap(),
            body: EventBody::Message(EventMessage {
                event_name: "OnInformation".into(),
                message_type: 70,
                source_type: 40,
                message: format!("message {sequence}"),
                package_name: "a.dtsx".into(),
                source_name: "task".into(),
                source_id: "{0}".into(),
                subcomponent_name: None,
                package_path: r"\Package\task".into(),
                execution_path: r"\a\task".into(),
                message_code: 0,
                row: None,
                column: None,
                part: None,
                context: Vec::new(),
            }),
        })
        .collect();
    LogBatch { attempt, events }
}

/// A package of a test project.
#[derive(Clone)]
pub struct Pkg {
    pub name: &'static str,
    pub entry_point: bool,
    /// Parameters in the manifest, from [`parameter`].
    pub parameters: String,
}

pub fn package(name: &'static str) -> Pkg {
    Pkg {
        name,
        entry_point: true,
        parameters: String::new(),
    }
}

/// A parameter as a manifest or `Project.params` has it; `data_type` is a TypeCode.
pub fn parameter(name: &str, data_type: u8, flags: &str, value: Option<&str>) -> String {
    let property = |name: &str, text: &str| {
        format!("<SSIS:Property SSIS:Name=\"{name}\">{text}</SSIS:Property>")
    };
    let flag = |name| if flags.contains(name) { "1" } else { "0" };
    let mut properties = property("Required", flag("required"));
    properties += &property("Sensitive", flag("sensitive"));
    properties += &property("DataType", &data_type.to_string());
    if let Some(value) = value {
        properties += &property("Value", value);
    }
    format!(
        "<SSIS:Parameter SSIS:Name=\"{name}\"><SSIS:Properties>{properties}</SSIS:Properties></SSIS:Parameter>"
    )
}

const NAMESPACE: &str = "xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\"";

/// An `.ispac`.
pub fn project_file(project: &str, packages: &[Pkg], project_parameters: &str) -> Vec<u8> {
    let mut list = String::new();
    let mut metadata = String::new();
    let mut members = Vec::new();
    for package in packages {
        let (name, entry) = (package.name, u8::from(package.entry_point));
        list += &format!("<SSIS:Package SSIS:Name=\"{name}\" SSIS:EntryPoint=\"{entry}\"/>");
        metadata += &format!(
            "<SSIS:PackageMetaData SSIS:Name=\"{name}\"><SSIS:Properties/><SSIS:Parameters>{}</SSIS:Parameters></SSIS:PackageMetaData>",
            package.parameters
        );
        members.push(member(name, &dtsx(name)));
    }
    let manifest = format!(
        "<SSIS:Project SSIS:ProtectionLevel=\"DontSaveSensitive\" {NAMESPACE}>
         <SSIS:Properties><SSIS:Property SSIS:Name=\"Name\">{project}</SSIS:Property>
         <SSIS:Property SSIS:Name=\"FormatVersion\">1</SSIS:Property></SSIS:Properties>
         <SSIS:Packages>{list}</SSIS:Packages><SSIS:ConnectionManagers/>
         <SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters/>
         <SSIS:PackageInfo>{metadata}</SSIS:PackageInfo></SSIS:DeploymentInfo></SSIS:Project>"
    );
    let parameters = format!("<SSIS:Parameters {NAMESPACE}>{project_parameters}</SSIS:Parameters>");
    members.push(member("Project.params", &parameters));
    members.push(member("@Project.manifest", &manifest));
    ispac::write(&members).unwrap()
}

fn member(name: &str, text: &str) -> Member {
    Member {
        name: name.into(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn dtsx(name: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>
         <DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\"
           DTS:CreationName=\"Microsoft.Package\" DTS:ExecutableType=\"Microsoft.Package\"
           DTS:DTSID=\"{{6583054A-E915-4C2C-80E4-C765E79EF61D}}\" DTS:ObjectName=\"{name}\">
           <DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property>
         </DTS:Executable>"
    )
}
