//! Every procedure, view and number here has the names, types and order of the original, as
//! `tests/conformance` records them; what is missing is listed by name.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops where it is"
)]

use std::collections::BTreeSet;
use std::path::Path;

use scaleout_core::model::ParameterScope;
use scaleout_core::model::{LoggingLevel, ObjectType, OperationStatus, OperationType, Role};
use scaleout_core::registry::msdb::MSDB_PROCEDURES;
use scaleout_core::registry::procedures::PROCEDURES;
use scaleout_core::registry::views::VIEWS;
use scaleout_core::registry::{self, Direction, Procedure, View};
use serde_json::Value;

/// Views that this project adds to the original's.
const OUR_VIEWS: &[&str] = &[
    "audit_log",
    "customized_logging_levels",
    "execution_children",
    "execution_component_times",
    "execution_outputs",
    "execution_parameter_sources",
    "execution_report",
    // Named by the page of `add_execution_worker`, and described by none.
    "execution_worker_agents",
    "login_roles",
    "logins",
    "masters",
    "principals",
    "tokens",
    "waiting_executions",
    "worker_certificates",
    "worker_requests",
    "worker_states",
];

/// Procedures that this project adds: the server around SSISDB has logins of its own, and those of
/// the original's maintenance job have names there and no pages.
const OUR_PROCEDURES: &[&str] = &[
    "add_login_role",
    "approve_worker",
    "cleanup_server_project_version",
    "cleanup_server_retention_window",
    "create_login",
    "create_token",
    "create_worker_token",
    "delete_login",
    "delete_worker_agent",
    // A function in the original, which is called like a procedure here.
    "dm_execution_performance_counters",
    "drain_worker_agent",
    "explain_execution",
    "reject_worker",
    "remove_login_role",
    "renew_worker_certificate",
    "resume_worker_agent",
    "revoke_certificate",
    "revoke_token",
    "rotate_keys",
    "set_login_certificate",
    "set_login_enabled",
    "set_login_password",
    "trust_certificate",
];

/// What the original has and this project does not yet have. Whoever adds one takes it out.
const MISSING_PROCEDURES: &[&str] = &[];

/// The same for views.
const MISSING_VIEWS: &[&str] = &[];

fn recorded(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/conformance")
        .join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn names(list: &Value) -> BTreeSet<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry["name"].as_str().unwrap()).collect()
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut list = list.as_array().unwrap().iter();
    list.find(|entry| entry["name"] == name).unwrap()
}

/// Compares two sets of names; `missing` are those known to lack, and must lack.
fn compare(kind: &str, original: &BTreeSet<&str>, ours: &BTreeSet<&str>, missing: &[&str]) {
    let known: BTreeSet<&str> = missing.iter().copied().collect();
    let lacking: BTreeSet<&str> = original.difference(ours).copied().collect();
    let unlisted: Vec<_> = lacking.difference(&known).collect();
    assert!(
        unlisted.is_empty(),
        "the original has {kind} that are not here: {unlisted:?}"
    );
    let settled: Vec<_> = known.difference(&lacking).collect();
    assert!(
        settled.is_empty(),
        "take these {kind} out of the list of missing ones: {settled:?}"
    );
}

#[test]
fn every_procedure_of_the_original_is_there_and_no_other() {
    let original = recorded("catalog-procedures.json");
    let ours = PROCEDURES.iter().map(|procedure| procedure.name).collect();
    let original = names(&original);
    compare("procedures", &original, &ours, MISSING_PROCEDURES);
    let added: Vec<&str> = ours.difference(&original).copied().collect();
    assert_eq!(added, OUR_PROCEDURES);
}

#[test]
fn every_view_of_the_original_is_there_and_no_other() {
    let original = recorded("catalog-views.json");
    let ours = VIEWS.iter().map(|view| view.name).collect();
    let original = names(&original);
    compare("views", &original, &ours, MISSING_VIEWS);
    let added: Vec<&str> = ours.difference(&original).copied().collect();
    assert_eq!(added, OUR_VIEWS);
}

#[test]
fn procedures_are_declared_as_in_the_original() {
    let recorded = recorded("catalog-procedures.json");
    let of_the_original = |procedure: &&&Procedure| names(&recorded).contains(procedure.name);
    for procedure in PROCEDURES.iter().filter(of_the_original) {
        let original = named(&recorded, procedure.name);
        assert_eq!(
            declared(procedure),
            original_parameters(original),
            "{}",
            procedure.name
        );
        assert_eq!(
            result_set(procedure),
            original_result_set(original),
            "{}",
            procedure.name
        );
    }
}

#[test]
fn what_this_project_adds_to_a_procedure_can_be_left_out() {
    for procedure in PROCEDURES {
        let added = procedure.parameters.iter().filter(|one| one.extension);
        for parameter in added {
            let name = (procedure.name, parameter.name);
            assert!(
                !parameter.required || parameter.direction == Direction::Out,
                "{name:?}"
            );
        }
        let last = procedure.parameters.iter().rposition(|one| !one.extension);
        let first = procedure.parameters.iter().position(|one| one.extension);
        // Calls by position mean the same as in the original.
        assert!(
            first.is_none() || last < first,
            "{}: parameters of the original come first",
            procedure.name
        );
    }
}

fn declared(procedure: &Procedure) -> Vec<String> {
    procedure
        .parameters
        .iter()
        .filter(|parameter| !parameter.extension)
        .map(|parameter| {
            let direction = match parameter.direction {
                Direction::In => "in",
                Direction::Out => "out",
            };
            let default = parameter.default.unwrap_or("none");
            let (name, sql_type, required) =
                (parameter.name, parameter.sql_type, parameter.required);
            format!("{name} {sql_type} {direction} {default} {required}")
        })
        .collect()
}

fn original_parameters(procedure: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let parameters = procedure["parameters"].as_array().unwrap().iter();
    parameters
        .map(|parameter| {
            let [name, sql_type, direction, default] =
                ["name", "type", "direction", "default"].map(|key| text(&parameter[key]));
            format!(
                "{name} {sql_type} {direction} {default} {}",
                parameter["required"]
            )
        })
        .collect()
}

fn result_set(procedure: &Procedure) -> Option<Vec<String>> {
    let columns = procedure.result_set?.iter();
    // The original documents no name for the one column of a project.
    let name = |name: &str| match name {
        "project_stream" => "(project stream)".to_owned(),
        name => name.to_owned(),
    };
    Some(
        columns
            .map(|column| format!("{} {}", name(column.name), column.sql_type))
            .collect(),
    )
}

/// What the original documents; validations have sections whose columns it does not document.
fn original_result_set(procedure: &Value) -> Option<Vec<String>> {
    let columns = procedure["result_set"].as_array()?.iter();
    let documented = columns.filter(|column| column["type"] != "not documented");
    let columns: Vec<String> = documented.map(column).collect();
    (!columns.is_empty()).then_some(columns)
}

fn column(column: &Value) -> String {
    let [name, sql_type] = ["name", "type"].map(|key| column[key].as_str().unwrap());
    format!("{name} {sql_type}")
}

#[test]
fn views_are_declared_as_in_the_original() {
    let recorded = recorded("catalog-views.json");
    for view in VIEWS.iter().filter(|view| !OUR_VIEWS.contains(&view.name)) {
        let original = named(&recorded, view.name)["columns"].as_array().unwrap();
        let original: Vec<String> = original.iter().map(column).collect();
        assert_eq!(columns(view), original, "{}", view.name);
    }
}

fn columns(view: &View) -> Vec<String> {
    let columns = view.columns.iter();
    columns
        .map(|column| format!("{} {}", column.name, column.sql_type))
        .collect()
}

#[test]
fn names_of_the_preview_are_understood() {
    let create = registry::procedure("create_execution").unwrap();
    let parameter = create.parameter("@runincluster").unwrap();
    assert_eq!(parameter.name, "@runinscaleout");
    let workers = registry::view("worker_agents").unwrap();
    assert_eq!(workers.column("computerName").unwrap().name, "MachineName");
}

/// Procedures of jobs that the documentation of the original has, with their parameters in order.
#[test]
fn procedures_of_jobs_are_declared_as_in_the_original() {
    let recorded = recorded("msdb-procedures.json");
    let original = names(&recorded);
    let ours: BTreeSet<&str> = MSDB_PROCEDURES.iter().map(|one| one.name).collect();
    assert_eq!(ours, original);
    for procedure in MSDB_PROCEDURES {
        let parameters = named(&recorded, procedure.name)["parameters"].as_array();
        let original: Vec<&str> = parameters
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let declared: Vec<&str> = procedure
            .parameters
            .iter()
            .filter(|one| !one.extension)
            .map(|one| one.name)
            .collect();
        assert_eq!(declared, original, "{}", procedure.name);
    }
}

/// The values of an enumeration, numbers as text.
fn values(enumerations: &Value, name: &str) -> BTreeSet<String> {
    match &enumerations[name]["values"] {
        Value::Object(values) => values.keys().cloned().collect(),
        Value::Array(values) => values
            .iter()
            .map(|value| match (&value["value"], &value["name"]) {
                (Value::Null, Value::String(name)) => name.clone(),
                (number, _) => number.to_string(),
            })
            .collect(),
        other => panic!("{name}: {other}"),
    }
}

fn numbers<N: ToString>(numbers: impl IntoIterator<Item = N>) -> BTreeSet<String> {
    numbers.into_iter().map(|one| one.to_string()).collect()
}

#[test]
fn enumerations_have_the_values_of_the_original() {
    let recorded = recorded("catalog-enums.json");
    let values = |name| values(&recorded, name);
    let statuses = OperationStatus::ALL.map(OperationStatus::number);
    assert_eq!(numbers(statuses), values("operation_status"));
    for status in OperationStatus::ALL {
        let original = &recorded["operation_status"]["values"][status.number().to_string()];
        assert_eq!(original, status.as_str());
    }
    let levels = LoggingLevel::ALL.map(LoggingLevel::number);
    assert_eq!(numbers(levels), values("logging_level"));
    let scopes = [
        ParameterScope::Project,
        ParameterScope::Package,
        ParameterScope::Execution,
    ];
    assert_eq!(
        numbers(scopes.map(ParameterScope::number)),
        values("parameter_object_type")
    );
    let roles = values("database_roles");
    for role in &roles {
        assert!(Role::from_name(role).is_some(), "{role}");
    }
    // What the database server of the original has for everyone.
    let ours: BTreeSet<String> = Role::ALL.iter().map(|role| role.as_str().into()).collect();
    let added: Vec<&String> = ours.difference(&roles).collect();
    // And those of msdb, which are for jobs.
    assert_eq!(
        added,
        [
            "SQLAgentOperatorRole",
            "SQLAgentReaderRole",
            "SQLAgentUserRole",
            "public",
            "sysadmin"
        ]
    );
}

#[test]
fn operations_have_the_numbers_of_the_original() {
    let recorded = recorded("catalog-enums.json");
    let kinds = values(&recorded, "operation_type");
    let ours = [
        OperationType::CleanupOperations,
        OperationType::CleanupVersions,
        OperationType::DeployProject,
        OperationType::RestoreProject,
        OperationType::Execution,
        OperationType::Stop,
        OperationType::ConfigureCatalog,
    ];
    for kind in ours {
        assert!(kinds.contains(&kind.number().to_string()), "{kind:?}");
    }
    let objects = values(&recorded, "catalog_object_type");
    for object in [
        ObjectType::Folder,
        ObjectType::Project,
        ObjectType::Package,
        ObjectType::Execution,
    ] {
        assert!(objects.contains(&object.number().to_string()), "{object:?}");
    }
}
