//! Every procedure, once as the least principal that may call it and once for each thing that this
//! principal could lack. The rule is the one that the procedure declares; a new procedure needs a row.

use std::collections::BTreeSet;

use base64::Engine as _;
use scaleout_catalog::{Caller, Role};
use scaleout_core::error::{Blame, ErrorBody};
use scaleout_core::model::{PermissionType, Securable};
use scaleout_core::registry::procedures::PROCEDURES;
use scaleout_core::registry::{Need, Permission, Procedure};
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{
    ANNA, Bench, admin, package, parameter, project_file, registration, thumbprint,
};

contract![every_procedure_is_for_its_least_principal_and_not_for_less];

/// A corner of the catalog that one call may change as it likes.
struct Corner {
    folder: String,
    folder_id: i64,
    other: String,
    other_id: i64,
    project_id: i64,
    first_version: i64,
    environment_id: i64,
    reference_id: i64,
    execution_id: i64,
    data_tap_id: i64,
    number: usize,
}

/// How a procedure is called, and on which object each of its needs is.
struct Row {
    procedure: &'static str,
    arguments: fn(&Corner) -> Value,
    /// Which of the needs this call has; all of them as a rule.
    has: fn(&Need) -> bool,
    /// The folder of a need on a folder is the one that something goes to.
    other_folder: bool,
    /// What the least principal hears, where a call that is allowed ends so: nothing runs here.
    ends: Option<&'static str>,
}

fn all(_: &Need) -> bool {
    true
}

fn row(procedure: &'static str, arguments: fn(&Corner) -> Value) -> Row {
    Row {
        procedure,
        arguments,
        has: all,
        other_folder: false,
        ends: None,
    }
}

/// The same on an execution that does not run.
fn row_at_rest(procedure: &'static str) -> Row {
    Row {
        ends: Some("SO7150"),
        ..row(procedure, |c| json!({"execution_id": c.execution_id}))
    }
}

fn on_environment(corner: &Corner, more: Value) -> Value {
    let mut all = json!({"folder_name": corner.folder, "environment_name": "e"});
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

fn on_project(corner: &Corner, more: Value) -> Value {
    let mut all = json!({"folder_name": corner.folder, "project_name": "p"});
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn new_execution(corner: &Corner, in_scale_out: bool) -> Value {
    on_project(
        corner,
        json!({"package_name": "a.dtsx", "reference_id": corner.reference_id, "runinscaleout": in_scale_out}),
    )
}

fn permission(corner: &Corner, more: Value) -> Value {
    let mut all = json!({
        "object_type": 2, "object_id": corner.project_id, "principal_id": 6, "permission_type": 1,
    });
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

fn is_on(kind: Securable) -> fn(&Need) -> bool {
    match kind {
        Securable::Folder => |need| need.object == Securable::Folder,
        Securable::Project => |need| need.object == Securable::Project,
        Securable::Environment => |need| need.object == Securable::Environment,
        Securable::Operation => |need| need.object == Securable::Operation,
    }
}

fn file(project: &str) -> String {
    base64(&project_file(project, &[package("a.dtsx")], ""))
}

fn packages_table() -> Value {
    // Any package will do: the one of a project file.
    let dtsx = r#"<?xml version="1.0"?><DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:DTSID="{6583054A-E915-4C2C-80E4-C765E79EF61D}" DTS:ObjectName="b"><DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property></DTS:Executable>"#;
    json!([{"name": "b.dtsx", "package_data": base64(dtsx.as_bytes())}])
}

fn rows_on_projects() -> Vec<Row> {
    let moving = |name, arguments| Row {
        other_folder: true,
        ..row(name, arguments)
    };
    let only = |kind, name, arguments| Row {
        has: is_on(kind),
        ..row(name, arguments)
    };
    vec![
        row("get_project", |c| on_project(c, json!({}))),
        row("delete_project", |c| on_project(c, json!({}))),
        row("restore_project", |c| {
            on_project(c, json!({"object_version_lsn": c.first_version}))
        }),
        moving(
            "move_project",
            |c| json!({"source_folder": c.folder, "project_name": "p", "destination_folder": c.other}),
        ),
        only(Securable::Project, "deploy_project", |c| {
            on_project(c, json!({"project_stream": file("p")}))
        }),
        only(
            Securable::Folder,
            "deploy_project",
            |c| json!({"folder_name": c.folder, "project_name": "q", "project_stream": file("q")}),
        ),
        only(Securable::Project, "deploy_packages", |c| {
            on_project(c, json!({"packages_table": packages_table()}))
        }),
        only(
            Securable::Folder,
            "deploy_packages",
            |c| json!({"folder_name": c.folder, "project_name": "q", "packages_table": packages_table()}),
        ),
        row("set_object_parameter_value", |c| {
            on_project(
                c,
                json!({"object_type": 20, "parameter_name": "T", "parameter_value": "x"}),
            )
        }),
        row("clear_object_parameter_value", |c| {
            on_project(
                c,
                json!({"object_type": 20, "parameter_name": "T", "object_name": ""}),
            )
        }),
        row("get_parameter_values", |c| {
            on_project(
                c,
                json!({"package_name": "a.dtsx", "reference_id": c.reference_id}),
            )
        }),
        row("create_environment_reference", |c| {
            let folder = &c.folder;
            on_project(
                c,
                json!({"environment_name": "e", "reference_location": "A", "environment_folder_name": folder}),
            )
        }),
        row(
            "delete_environment_reference",
            |c| json!({"reference_id": c.reference_id}),
        ),
        row(
            "set_environment_reference_type",
            |c| json!({"reference_id": c.reference_id, "reference_type": "A", "environment_folder_name": c.folder}),
        ),
    ]
}

fn rows_on_permissions() -> Vec<Row> {
    let only = |kind, name, arguments| Row {
        has: is_on(kind),
        ..row(name, arguments)
    };
    vec![
        only(Securable::Project, "grant_permission", |c| {
            permission(c, json!({}))
        }),
        only(Securable::Project, "deny_permission", |c| {
            permission(c, json!({}))
        }),
        only(Securable::Project, "revoke_permission", |c| {
            permission(c, json!({}))
        }),
        only(Securable::Operation, "grant_permission", |c| {
            permission(c, json!({"object_type": 4, "object_id": c.execution_id}))
        }),
        only(Securable::Environment, "deny_permission", |c| {
            permission(c, json!({"object_type": 3, "object_id": c.environment_id}))
        }),
        only(Securable::Folder, "revoke_permission", |c| {
            permission(c, json!({"object_type": 1, "object_id": c.folder_id}))
        }),
    ]
}

fn rows_on_environments() -> Vec<Row> {
    vec![
        row(
            "create_environment",
            |c| json!({"folder_name": c.folder, "environment_name": "new"}),
        ),
        row("delete_environment", |c| on_environment(c, json!({}))),
        row("rename_environment", |c| {
            on_environment(c, json!({"new_environment_name": "new"}))
        }),
        Row {
            other_folder: true,
            ..row(
                "move_environment",
                |c| json!({"source_folder": c.folder, "environment_name": "e", "destination_folder": c.other}),
            )
        },
        row("set_environment_property", |c| {
            on_environment(
                c,
                json!({"property_name": "Description", "property_value": "x"}),
            )
        }),
        row("create_environment_variable", |c| {
            on_environment(
                c,
                json!({"variable_name": "W", "data_type": "String", "sensitive": 0, "value": "x", "description": ""}),
            )
        }),
        row("delete_environment_variable", |c| {
            on_environment(c, json!({"variable_name": "V"}))
        }),
        row("set_environment_variable_value", |c| {
            on_environment(c, json!({"variable_name": "V", "value": "x"}))
        }),
        row("set_environment_variable_property", |c| {
            on_environment(
                c,
                json!({"variable_name": "V", "property_name": "Description", "property_value": "x"}),
            )
        }),
        row("set_environment_variable_protection", |c| {
            on_environment(c, json!({"variable_name": "V", "sensitive": 1}))
        }),
    ]
}

fn rows_on_executions() -> Vec<Row> {
    let on_the_project = |name, arguments| Row {
        has: is_on(Securable::Project),
        ..row(name, arguments)
    };
    vec![
        row("create_execution", |c| new_execution(c, true)),
        row("create_execution", |c| new_execution(c, false)),
        row(
            "start_execution",
            |c| json!({"execution_id": c.execution_id}),
        ),
        row(
            "stop_operation",
            |c| json!({"operation_id": c.execution_id}),
        ),
        row(
            "add_execution_worker",
            |c| json!({"execution_id": c.execution_id, "workeragent_id": ANNA}),
        ),
        row("set_execution_parameter_value", |c| {
            json!({"execution_id": c.execution_id, "object_type": 50,
                "parameter_name": "LOGGING_LEVEL", "parameter_value": 2})
        }),
        row("set_execution_property_override_value", |c| {
            json!({"execution_id": c.execution_id, "property_path": r"\Package.X",
                "property_value": "x", "sensitive": 0})
        }),
        row("add_data_tap", |c| {
            json!({"execution_id": c.execution_id, "task_package_path": r"\Package\Other",
                "dataflow_path_id_string": "Paths[x]", "data_filename": "x.csv"})
        }),
        row("add_data_tap_by_guid", |c| {
            json!({"execution_id": c.execution_id, "dataflow_task_guid": ANNA,
                "dataflow_path_id_string": "Paths[x]", "data_filename": "x.csv"})
        }),
        row("remove_data_tap", |c| json!({"data_tap_id": c.data_tap_id})),
        row_at_rest("dm_execution_performance_counters"),
        row(
            "explain_execution",
            |c| json!({"execution_id": c.execution_id}),
        ),
        on_the_project("validate_project", |c| on_project(c, json!({}))),
        // An environment that the caller may not read is a finding of the validation.
        on_the_project("validate_package", |c| {
            on_project(
                c,
                json!({"package_name": "a.dtsx", "environment_scope": "S",
                    "reference_id": c.reference_id}),
            )
        }),
    ]
}

fn rows_on_logging_levels() -> Vec<Row> {
    vec![
        row("create_customized_logging_level", |c| {
            json!({"level_name": format!("new{}", c.number), "level_description": "",
                "profile_value": 1, "events_value": 1})
        }),
        row(
            "delete_customized_logging_level",
            |c| json!({"level_name": format!("level{}", c.number)}),
        ),
        row(
            "rename_customized_logging_level",
            |c| json!({"old_name": format!("level{}", c.number), "new_name": format!("l{}", c.number)}),
        ),
        row(
            "set_customized_logging_level_description",
            |c| json!({"level_name": format!("level{}", c.number), "level_description": "x"}),
        ),
        row("set_customized_logging_level_value", |c| {
            json!({"level_name": format!("level{}", c.number), "property_name": "PROFILE",
                "property_value": 1})
        }),
    ]
}

fn rows_of_certificates() -> Vec<Row> {
    vec![
        Row {
            ends: Some("SO7182"),
            ..row("approve_worker", |_| json!({"request_id": 0}))
        },
        Row {
            ends: Some("SO7182"),
            ..row("reject_worker", |_| json!({"request_id": 0}))
        },
        row("create_worker_token", |_| json!({})),
        Row {
            ends: Some("SO7032"),
            ..row(
                "delete_worker_agent",
                |_| json!({"WorkerAgentId": uuid::Uuid::nil()}),
            )
        },
        row(
            "renew_worker_certificate",
            |_| json!({"WorkerAgentId": ANNA}),
        ),
        row(
            "trust_certificate",
            |c| json!({"thumbprint": hex(c.number)}),
        ),
        row(
            "revoke_certificate",
            |c| json!({"thumbprint": hex(c.number)}),
        ),
    ]
}

fn rows_of_administrators() -> Vec<Row> {
    let nothing: fn(&Corner) -> Value = |_| json!({});
    vec![
        row_at_rest("create_execution_dump"),
        row(
            "create_folder",
            |c| json!({"folder_name": format!("new{}", c.number)}),
        ),
        row("delete_folder", |c| json!({"folder_name": c.other})),
        row(
            "rename_folder",
            |c| json!({"old_name": c.other, "new_name": format!("renamed{}", c.number)}),
        ),
        row(
            "set_folder_description",
            |c| json!({"folder_name": c.folder, "folder_description": "x"}),
        ),
        row(
            "configure_catalog",
            |_| json!({"property_name": "RETENTION_WINDOW", "property_value": "365"}),
        ),
        row("check_schema_version", |_| json!({"use32bitruntime": 0})),
        row(
            "cleanup_server_execution_keys",
            |_| json!({"cleanup_flag": 1}),
        ),
        row("cleanup_server_log", nothing),
        row("cleanup_server_project_version", nothing),
        row("cleanup_server_retention_window", nothing),
        row("rotate_keys", nothing),
        row("startup", nothing),
        row("enable_scaleout", nothing),
        row(
            "update_logdb_info",
            |_| json!({"server_name": "s", "connection_string": "Data Source=s"}),
        ),
        row(
            "update_master_address",
            |_| json!({"MasterAddress": "https://m:8391"}),
        ),
        row("enable_worker_agent", |_| json!({"WorkerAgentId": ANNA})),
        row("disable_worker_agent", |_| json!({"WorkerAgentId": ANNA})),
        row(
            "drain_worker_agent",
            |_| json!({"WorkerAgentId": ANNA, "deadline_seconds": 0}),
        ),
        row("resume_worker_agent", |_| json!({"WorkerAgentId": ANNA})),
        row(
            "set_worker_agent_property",
            |_| json!({"WorkerAgentId": ANNA, "PropertyName": "DisplayName", "PropertyValue": "x"}),
        ),
        row(
            "create_login",
            |c| json!({"login_name": format!("l{}", c.number), "certificate_thumbprint": hex(900 + c.number)}),
        ),
        row("delete_login", |c| json!({"login_name": login(c)})),
        row(
            "set_login_enabled",
            |c| json!({"login_name": login(c), "is_enabled": 0}),
        ),
        row(
            "set_login_certificate",
            |c| json!({"login_name": login(c), "certificate_thumbprint": hex(1900 + c.number)}),
        ),
        row(
            "add_login_role",
            |c| json!({"login_name": login(c), "role_name": "ssis_logreader"}),
        ),
        row(
            "remove_login_role",
            |c| json!({"login_name": login(c), "role_name": "ssis_logreader"}),
        ),
    ]
}

/// Procedures for what is one's own: their refusals are in `logins.rs`.
const OWN: [&str; 3] = ["create_token", "revoke_token", "set_login_password"];

fn hex(number: usize) -> String {
    format!("{number:064x}")
}

/// The login of a corner.
fn login(corner: &Corner) -> String {
    format!("user{}", corner.number)
}

/// Makes a corner, as an administrator.
async fn corner(bench: &Bench, number: usize) -> Corner {
    let (folder, other) = (format!("f{number}"), format!("g{number}"));
    let mut ids = Vec::new();
    for name in [&folder, &other] {
        let made = bench
            .call("create_folder", json!({"folder_name": name}))
            .await;
        ids.push(made.unwrap().return_value);
    }
    let text = parameter("T", 18, "", Some("x"));
    for _ in 0..2 {
        let stream = base64(&project_file("p", &[package("a.dtsx")], &text));
        let deployed =
            json!({"folder_name": folder, "project_name": "p", "project_stream": stream});
        bench.call("deploy_project", deployed).await.unwrap();
    }
    let folder_id = ids[0].to_string();
    let project = bench.view("projects", &[("folder_id", &folder_id)]).await;
    let project_id = project[0]["project_id"].as_i64().unwrap();
    let versions = bench
        .view("object_versions", &[("object_id", &project_id.to_string())])
        .await;
    let environment = json!({"folder_name": folder, "environment_name": "e"});
    bench.call("create_environment", environment).await.unwrap();
    let found = bench
        .view("environments", &[("folder_id", &folder_id)])
        .await;
    let variable = json!({"folder_name": folder, "environment_name": "e", "variable_name": "V",
        "data_type": "String", "sensitive": 0, "value": "v", "description": ""});
    bench
        .call("create_environment_variable", variable)
        .await
        .unwrap();
    let reference = json!({"folder_name": folder, "project_name": "p", "environment_name": "e",
        "reference_location": "R"});
    let made = bench
        .call("create_environment_reference", reference)
        .await
        .unwrap();
    let reference_id = made.outputs["@reference_id"].as_i64().unwrap();
    let execution = json!({"folder_name": folder, "project_name": "p", "package_name": "a.dtsx",
        "reference_id": reference_id, "runinscaleout": 1});
    let made = bench.call("create_execution", execution).await.unwrap();
    let execution_id = made.outputs["@execution_id"].as_i64().unwrap();
    let tap = json!({"execution_id": execution_id, "task_package_path": r"\Package\Load",
        "dataflow_path_id_string": "Paths[p]", "data_filename": "p.csv"});
    let tap = bench.call("add_data_tap", tap).await.unwrap();
    let level = json!({"level_name": format!("level{number}"), "level_description": "",
        "profile_value": 1, "events_value": 1});
    bench
        .call("create_customized_logging_level", level)
        .await
        .unwrap();
    let new = json!({"login_name": format!("user{number}"), "certificate_thumbprint": hex(number)});
    bench.call("create_login", new).await.unwrap();
    Corner {
        folder,
        folder_id: ids[0],
        other,
        other_id: ids[1],
        project_id,
        first_version: versions[0]["object_version_lsn"].as_i64().unwrap(),
        environment_id: found[0]["environment_id"].as_i64().unwrap(),
        reference_id,
        execution_id,
        data_tap_id: tap.outputs["@data_tap_id"].as_i64().unwrap(),
        number,
    }
}

/// One permission on one object.
type Grant = (Securable, i64, PermissionType);

fn object(row: &Row, corner: &Corner, kind: Securable) -> i64 {
    match kind {
        Securable::Folder if row.other_folder => corner.other_id,
        Securable::Folder => corner.folder_id,
        Securable::Project => corner.project_id,
        Securable::Environment => corner.environment_id,
        Securable::Operation => corner.execution_id,
    }
}

/// Everything that the call needs; with `or`, the other way where there is one.
fn grants(row: &Row, corner: &Corner, needs: &[Need], or: bool) -> Vec<Grant> {
    let mut all = Vec::new();
    for need in needs.iter().filter(|need| (row.has)(need)) {
        let wanted = if or && !need.or.is_empty() {
            need.or
        } else {
            need.permissions
        };
        let id = object(row, corner, need.object);
        all.extend(wanted.iter().map(|one| (need.object, id, *one)));
    }
    all
}

async fn give(bench: &Bench, login: &str, grants: &[Grant]) {
    let principal = bench.view("principals", &[("name", login)]).await;
    for kind in Securable::ALL {
        for row in bench
            .view(
                "explicit_object_permissions",
                &[("object_type", &kind.number().to_string())],
            )
            .await
        {
            if row["principal_id"] == principal[0]["principal_id"] {
                let gone = json!({"object_type": kind.number(), "object_id": row["object_id"],
                    "principal_id": row["principal_id"]});
                bench.call("revoke_permission", gone).await.unwrap();
            }
        }
    }
    for (kind, id, permission) in grants {
        let grant = json!({"object_type": kind.number(), "object_id": id,
            "principal_id": principal[0]["principal_id"], "permission_type": permission.number()});
        let granted = bench.call("grant_permission", grant).await.unwrap();
        assert_eq!(granted.return_value, 0, "{granted:?}");
    }
}

/// How a call was refused, if it was.
async fn refusal(bench: &Bench, caller: &Caller, row: &Row, corner: &Corner) -> Option<ErrorBody> {
    let called = bench
        .call_as(caller, row.procedure, (row.arguments)(corner))
        .await;
    match called {
        Ok(done) => {
            assert_eq!(
                done.refusal.is_some(),
                (1..=5).contains(&done.return_value) && row.procedure.ends_with("_permission")
            );
            done.refusal
        }
        Err(error) => Some(ErrorBody::from_error(&error)),
    }
}

async fn check_objects(bench: &Bench, row: &Row, procedure: &Procedure, next: &mut usize) {
    let needs = procedure.permission.needs();
    let in_scale_out = matches!(procedure.permission, Permission::InScaleOut(_));
    let corner = corner(bench, *next).await;
    *next += 1;
    let name = format!("{} {}", row.procedure, (row.arguments)(&corner));
    let asks_scale_out = in_scale_out && name.contains("\"runinscaleout\":true");
    let role = if asks_scale_out {
        Role::ClusterExecutor
    } else {
        Role::Public
    };
    let user = Caller::new(login(&corner), role);
    let wanted = grants(row, &corner, needs, false);
    assert!(!wanted.is_empty(), "{name} needs nothing");
    for lacking in &wanted {
        let rest: Vec<Grant> = wanted
            .iter()
            .copied()
            .filter(|one| one != lacking)
            .collect();
        give(bench, &user.name, &rest).await;
        let refused = refusal(bench, &user, row, &corner).await;
        let refused = refused.unwrap_or_else(|| panic!("{name} without {lacking:?}"));
        let sees_it = rest
            .iter()
            .any(|one| (one.0, one.1) == (lacking.0, lacking.1));
        if sees_it {
            assert_eq!(
                refused.code, "SO7100",
                "{name} without {lacking:?}: {refused:?}"
            );
            assert!(refused.message.contains(lacking.2.as_str()), "{refused:?}");
        } else {
            assert_eq!(
                refused.blame,
                Blame::Missing,
                "{name} without {lacking:?}: {refused:?}"
            );
        }
    }
    give(bench, &user.name, &wanted).await;
    if asks_scale_out {
        let short = Caller::new(user.name.clone(), Role::LogReader);
        let refused = refusal(bench, &short, row, &corner).await.unwrap();
        assert_eq!(refused.code, "SO7010", "{name}: {refused:?}");
    }
    let refused = refusal(bench, &user, row, &corner).await;
    assert_eq!(
        refused.map(|error| error.code).as_deref(),
        row.ends,
        "{name}"
    );
    if needs.iter().any(|need| !need.or.is_empty()) {
        let corner = self::corner(bench, *next).await;
        *next += 1;
        let user = Caller::new(login(&corner), role);
        give(bench, &user.name, &grants(row, &corner, needs, true)).await;
        let refused = refusal(bench, &user, row, &corner).await;
        assert_eq!(refused, None, "{name}, the other way");
    }
}

async fn check_administration(bench: &Bench, row: &Row, next: &mut usize) {
    let corner = corner(bench, *next).await;
    *next += 1;
    let mut everything = Vec::new();
    for (kind, id) in [
        (Securable::Folder, corner.folder_id),
        (Securable::Folder, corner.other_id),
        (Securable::Project, corner.project_id),
        (Securable::Environment, corner.environment_id),
        (Securable::Operation, corner.execution_id),
    ] {
        let all = PermissionType::ALL.into_iter();
        everything.extend(
            all.filter(|one| one.applies_to(kind))
                .map(|one| (kind, id, one)),
        );
    }
    let mut short = Caller::new(login(&corner), Role::Public);
    short.roles = vec![
        Role::ClusterExecutor,
        Role::ClusterWorker,
        Role::LogReader,
        Role::Monitor,
    ];
    give(bench, &short.name, &everything).await;
    let refused = refusal(bench, &short, row, &corner).await;
    let refused = refused.unwrap_or_else(|| panic!("`{}` is not refused", row.procedure));
    assert_eq!(refused.code, "SO7010", "{}: {refused:?}", row.procedure);
    let least = Caller::new("boss", Role::SsisAdmin);
    let refused = refusal(bench, &least, row, &corner).await;
    let code = refused.map(|error| error.code);
    assert_eq!(code.as_deref(), row.ends, "{}", row.procedure);
}

async fn every_procedure_is_for_its_least_principal_and_not_for_less(on: Database) {
    let bench = Bench::open(on).await;
    bench.call("enable_scaleout", json!({})).await.unwrap();
    let anna = registration(ANNA);
    bench
        .catalog
        .register_worker(&anna, &thumbprint(ANNA))
        .await
        .unwrap();
    assert!(admin().is_administrator());
    let mut rows = rows_on_projects();
    rows.extend(rows_on_permissions());
    rows.extend(rows_on_environments());
    // Before anything is started: some of these want a catalog at rest.
    rows.extend(rows_of_administrators());
    rows.extend(rows_of_certificates());
    rows.extend(rows_on_logging_levels());
    rows.extend(rows_on_executions());
    let mut next = 1;
    let mut covered: BTreeSet<&str> = OWN.into();
    for row in &rows {
        let found = PROCEDURES.iter().find(|one| one.name == row.procedure);
        let procedure = found.unwrap_or_else(|| panic!("no procedure {}", row.procedure));
        match procedure.permission {
            Permission::Administrator => check_administration(&bench, row, &mut next).await,
            Permission::On(_) | Permission::InScaleOut(_) => {
                check_objects(&bench, row, procedure, &mut next).await;
            }
            Permission::OwnLogin => panic!("{} belongs to logins.rs", row.procedure),
            Permission::Jobs(_) => panic!("{} belongs to jobs.rs", row.procedure),
        }
        covered.insert(row.procedure);
    }
    let declared: BTreeSet<&str> = PROCEDURES.iter().map(|one| one.name).collect();
    let missing: Vec<_> = declared.difference(&covered).collect();
    assert!(
        missing.is_empty(),
        "procedures without a row here: {missing:?}"
    );
    for own in OWN {
        let found = PROCEDURES.iter().find(|one| one.name == own).unwrap();
        assert_eq!(found.permission, Permission::OwnLogin, "{own}");
    }
}
