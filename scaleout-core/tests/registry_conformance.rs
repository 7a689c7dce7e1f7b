//! Every procedure and view declared here has the names, types and order of the original, as far
//! as the facts are at hand beside the repository.

use std::path::PathBuf;

use scaleout_core::registry::procedures::PROCEDURES;
use scaleout_core::registry::views::VIEWS;
use scaleout_core::registry::{Direction, Procedure, View};
use serde_json::Value;

/// Views that this project adds to the original's.
/// `customized_logging_levels` is the original's, whose pages do not describe it.
const OUR_VIEWS: [&str; 10] = [
    "audit_log",
    "customized_logging_levels",
    "execution_outputs",
    "execution_parameter_sources",
    "execution_report",
    "execution_worker_agents",
    "login_roles",
    "logins",
    "principals",
    "tokens",
];

/// Procedures that this project adds: the server around SSISDB has logins of its own.
const OUR_PROCEDURES: [&str; 9] = [
    "add_login_role",
    "create_login",
    "create_token",
    "delete_login",
    "remove_login_role",
    "revoke_token",
    "set_login_certificate",
    "set_login_enabled",
    "set_login_password",
];

/// Procedures of the original that its pages name and do not describe: those of its maintenance job.
/// And a function, which is called like a procedure here.
const UNDESCRIBED: [&str; 3] = [
    "cleanup_server_project_version",
    "cleanup_server_retention_window",
    "dm_execution_performance_counters",
];

fn spec(file: &str) -> Option<Vec<Value>> {
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let path = shared.join("spec").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("the spec is a JSON array"))
}

fn named<'a>(spec: &'a [Value], name: &str) -> &'a Value {
    spec.iter()
        .find(|entry| entry["name"] == name)
        .unwrap_or_else(|| panic!("`{name}` is not in the original"))
}

#[test]
fn procedures_are_declared_as_in_the_original() {
    let Some(spec) = spec("catalog-procedures.json") else {
        return;
    };
    let described = |procedure: &&&Procedure| {
        !UNDESCRIBED.contains(&procedure.name) && !OUR_PROCEDURES.contains(&procedure.name)
    };
    for procedure in PROCEDURES.iter().filter(described) {
        assert_eq!(
            declared(procedure),
            original(named(&spec, procedure.name)),
            "{}",
            procedure.name
        );
    }
}

fn declared(procedure: &Procedure) -> Vec<String> {
    procedure
        .parameters
        .iter()
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

fn original(procedure: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    procedure["parameters"]
        .as_array()
        .expect("parameters are an array")
        .iter()
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

#[test]
fn views_are_declared_as_in_the_original() {
    let Some(spec) = spec("catalog-views.json") else {
        return;
    };
    for view in VIEWS.iter().filter(|view| !OUR_VIEWS.contains(&view.name)) {
        assert_eq!(
            columns(view),
            original_columns(named(&spec, view.name)),
            "{}",
            view.name
        );
    }
}

fn columns(view: &View) -> Vec<String> {
    view.columns
        .iter()
        .map(|column| format!("{} {}", column.name, column.sql_type))
        .collect()
}

fn original_columns(view: &Value) -> Vec<String> {
    view["columns"]
        .as_array()
        .expect("columns are an array")
        .iter()
        .map(|column| {
            let [name, sql_type] =
                ["name", "type"].map(|key| column[key].as_str().unwrap_or_default());
            format!("{name} {sql_type}")
        })
        .collect()
}
