//! References of projects to environments, and the values that executions get through them.

use scaleout_catalog::{Caller, Role};
use scaleout_core::error::Explain as _;
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{ANNA, Bench, package, parameter};

contract![
    references_are_relative_or_absolute,
    each_refusal_about_references,
    references_outlive_their_environments_but_not_their_project,
    a_relative_reference_finds_the_environment_of_the_projects_folder,
    who_may_read_may_not_change,
];

/// Folder `f` with project `p` and environments `dev` and `prod`, folder `g` with `dev`.
pub async fn bench(on: Database) -> Bench {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let parameters = parameter("Text", 18, "", Some("from design"))
        + &parameter("Count", 9, "", Some("1"))
        + &parameter("Needed", 18, "required", Some("not enough"))
        + &parameter("Secret", 18, "sensitive", Some("design secret"));
    let packages = [package("a.dtsx")];
    bench.deploy("p", &packages, &parameters).await.unwrap();
    bench.deploy("q", &packages, "").await.unwrap();
    let folder = json!({"folder_name": "g"});
    bench.call("create_folder", folder).await.unwrap();
    for (folder, environment) in [("f", "dev"), ("f", "prod"), ("g", "dev")] {
        let named = json!({"folder_name": folder, "environment_name": environment});
        bench.call("create_environment", named).await.unwrap();
        let text = format!("from {folder}/{environment}");
        bench
            .variable_in(
                folder,
                environment,
                json!({"variable_name": "Text", "value": text}),
            )
            .await;
    }
    bench.worker(ANNA).await;
    bench
}

impl Bench {
    pub async fn variable_in(&self, folder: &str, environment: &str, extra: Value) {
        let arguments = with(
            json!({"folder_name": folder, "environment_name": environment, "data_type": "String",
                "sensitive": 0, "description": ""}),
            extra,
        );
        let made = self.call("create_environment_variable", arguments).await;
        made.unwrap();
    }

    /// A reference of project `p`: relative to `dev`, or as told.
    pub async fn reference(&self, extra: Value) -> Result<i64, String> {
        let relative = json!({"folder_name": "f", "project_name": "p", "environment_name": "dev", "reference_location": "R"});
        let made = self
            .call("create_environment_reference", with(relative, extra))
            .await;
        match made {
            Ok(made) => Ok(made.outputs["@reference_id"].as_i64().unwrap()),
            Err(error) => Err(error.code().to_owned()),
        }
    }

    /// Lets a parameter of project `p` take the value of a variable.
    pub async fn refer(&self, parameter: &str, variable: &str) {
        let arguments = json!({"object_type": 20, "folder_name": "f", "project_name": "p",
            "parameter_name": parameter, "parameter_value": variable, "value_type": "R"});
        let set = self.call("set_object_parameter_value", arguments).await;
        set.unwrap();
    }

    /// What an execution through a reference has for a parameter.
    pub async fn value(&self, reference: i64, parameter: &str) -> Value {
        let id = self
            .create(json!({"reference_id": reference}))
            .await
            .unwrap();
        let id = id.to_string();
        let filter = [("execution_id", id.as_str()), ("parameter_name", parameter)];
        self.view("execution_parameter_values", &filter).await[0]["parameter_value"].clone()
    }

    pub async fn refused_execution(&self, reference: i64) -> String {
        let refused = self.create(json!({"reference_id": reference})).await;
        let error = refused.unwrap_err();
        error.code().to_owned()
    }

    pub async fn object_parameter(&self, name: &str) -> Value {
        let filter = [("parameter_name", name)];
        self.view("object_parameters", &filter).await.remove(0)
    }
}

pub fn with(mut arguments: Value, extra: Value) -> Value {
    for (name, value) in extra.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    arguments
}

async fn references_are_relative_or_absolute(on: Database) {
    let bench = bench(on).await;
    let id = bench
        .reference(json!({"environment_folder_name": "ignored"}))
        .await;
    let id = id.unwrap();
    let absolute = json!({"reference_location": "a", "environment_folder_name": "G"});
    bench.reference(absolute).await.unwrap();
    let rows = bench.view("environment_references", &[]).await;
    let shown = |row: &Value| {
        [
            "reference_type",
            "environment_folder_name",
            "environment_name",
            "validation_status",
        ]
        .map(|column| row[column].clone())
    };
    assert_eq!(rows[0]["reference_id"], id);
    assert_eq!(
        shown(&rows[0]),
        [json!("R"), Value::Null, json!("dev"), json!("N")]
    );
    assert_eq!(
        shown(&rows[1]),
        [json!("A"), json!("g"), json!("dev"), json!("N")]
    );

    for (change, expected) in [
        (
            json!({"reference_type": "A", "environment_folder_name": "f"}),
            json!("f"),
        ),
        (
            json!({"reference_type": "R", "environment_folder_name": "f"}),
            Value::Null,
        ),
    ] {
        let change = with(json!({"reference_id": id}), change);
        let set = bench.call("set_environment_reference_type", change).await;
        set.unwrap();
        let rows = bench.view("environment_references", &[]).await;
        assert_eq!(rows[0]["environment_folder_name"], expected);
    }
    let deleted = bench.call("delete_environment_reference", json!({"reference_id": id}));
    deleted.await.unwrap();
    assert_eq!(bench.view("environment_references", &[]).await.len(), 1);
}

async fn each_refusal_about_references(on: Database) {
    let bench = bench(on).await;
    let id = bench.reference(json!({})).await.unwrap();
    let absolute = json!({"reference_location": "A", "environment_folder_name": "f"});
    bench.reference(absolute).await.unwrap();
    for (extra, code) in [
        (json!({"folder_name": "x"}), "SO7013"),
        (json!({"project_name": "x"}), "SO7015"),
        (json!({"environment_name": "x"}), "SO7050"),
        (json!({"reference_location": "X"}), "SO7026"),
        (json!({"reference_location": "A"}), "SO7026"),
        (
            json!({"reference_location": "A", "environment_folder_name": "x"}),
            "SO7013",
        ),
        (json!({"environment_name": "DEV"}), "SO7054"),
    ] {
        let refused = bench.reference(extra.clone()).await;
        assert_eq!(refused, Err(code.to_owned()), "{extra}");
    }
    let delete = json!({"reference_id": id + 100});
    assert_eq!(
        bench.refusal("delete_environment_reference", delete).await,
        "SO7028"
    );
    for (extra, code) in [
        (json!({"reference_id": id + 100}), "SO7028"),
        (json!({"environment_folder_name": ""}), "SO7026"),
        (json!({"environment_folder_name": "x"}), "SO7013"),
        (json!({"environment_folder_name": "f"}), "SO7054"),
        (json!({"reference_type": "X"}), "SO7026"),
    ] {
        let change =
            json!({"reference_id": id, "reference_type": "A", "environment_folder_name": "g"});
        let change = with(change, extra.clone());
        let refused = bench
            .refusal("set_environment_reference_type", change)
            .await;
        assert_eq!(refused, code, "{extra}");
    }
    let prod = bench
        .reference(json!({"environment_name": "prod"}))
        .await
        .unwrap();
    let gone = json!({"reference_id": prod, "reference_type": "A", "environment_folder_name": "g"});
    assert_eq!(
        bench.refusal("set_environment_reference_type", gone).await,
        "SO7050"
    );
}

async fn references_outlive_their_environments_but_not_their_project(on: Database) {
    let bench = bench(on).await;
    bench.refer("Text", "Text").await;
    let id = bench.reference(json!({})).await.unwrap();
    assert_eq!(bench.value(id, "Text").await, "from f/dev");
    let rename = |from: &str, to: &str| json!({"folder_name": "f", "environment_name": from, "new_environment_name": to});
    let away = bench.call("rename_environment", rename("dev", "old")).await;
    away.unwrap();
    assert_eq!(bench.refused_execution(id).await, "SO7050");
    let back = bench.call("rename_environment", rename("old", "dev")).await;
    back.unwrap();
    assert_eq!(bench.value(id, "Text").await, "from f/dev");
    let dev = json!({"folder_name": "f", "environment_name": "dev"});
    bench.call("delete_environment", dev).await.unwrap();
    assert_eq!(bench.view("environment_references", &[]).await.len(), 1);
    assert_eq!(bench.refused_execution(id).await, "SO7050");
    let project = json!({"folder_name": "f", "project_name": "p"});
    bench.call("delete_project", project).await.unwrap();
    assert!(bench.view("environment_references", &[]).await.is_empty());
}

async fn a_relative_reference_finds_the_environment_of_the_projects_folder(on: Database) {
    let bench = bench(on).await;
    bench.refer("Text", "Text").await;
    let relative = bench.reference(json!({})).await.unwrap();
    let folder = json!({"reference_location": "A", "environment_folder_name": "g"});
    let absolute = bench.reference(folder).await.unwrap();
    assert_eq!(bench.value(relative, "Text").await, "from f/dev");
    assert_eq!(bench.value(absolute, "Text").await, "from g/dev");
    // A folder's new name goes with what is relative and leaves what is absolute behind.
    for (old, new) in [("f", "ff"), ("g", "gg")] {
        let names = json!({"old_name": old, "new_name": new});
        bench.call("rename_folder", names).await.unwrap();
    }
    let moved = json!({"folder_name": "ff", "reference_id": relative});
    bench.create(moved).await.unwrap();
    let lost = json!({"folder_name": "ff", "reference_id": absolute});
    assert_eq!(bench.create(lost).await.unwrap_err().code(), "SO7050");
}

async fn who_may_read_may_not_change(on: Database) {
    let bench = bench(on).await;
    let id = bench.reference(json!({})).await.unwrap();
    let executor = bench.login("anna", Role::ClusterExecutor).await;
    for permission in [1, 101] {
        bench.grant("anna", 1, 1, permission).await;
    }
    let nobody = Caller::new("bert", Role::Public);
    for view in [
        "environments",
        "environment_variables",
        "environment_references",
    ] {
        assert!(
            !bench.view_as(&executor, view, &[]).await.is_empty(),
            "{view}"
        );
        assert!(bench.view_as(&nobody, view, &[]).await.is_empty(), "{view}");
    }
    let dev = json!({"folder_name": "f", "environment_name": "dev"});
    let variable = with(dev.clone(), json!({"variable_name": "Text"}));
    let described = json!({"property_name": "Description", "property_value": "x"});
    for (procedure, arguments) in [
        (
            "create_environment",
            json!({"folder_name": "f", "environment_name": "x"}),
        ),
        ("delete_environment", dev.clone()),
        (
            "rename_environment",
            with(dev.clone(), json!({"new_environment_name": "x"})),
        ),
        (
            "move_environment",
            json!({"source_folder": "f", "environment_name": "dev", "destination_folder": "g"}),
        ),
        (
            "set_environment_property",
            with(dev.clone(), described.clone()),
        ),
        (
            "create_environment_variable",
            with(
                variable.clone(),
                json!({"data_type": "String", "sensitive": 0, "value": "x", "description": ""}),
            ),
        ),
        ("delete_environment_variable", variable.clone()),
        (
            "set_environment_variable_value",
            with(variable.clone(), json!({"value": "x"})),
        ),
        (
            "set_environment_variable_property",
            with(variable.clone(), described),
        ),
        (
            "set_environment_variable_protection",
            with(variable, json!({"sensitive": 1})),
        ),
        (
            "create_environment_reference",
            json!({"folder_name": "f", "project_name": "p", "environment_name": "dev", "reference_location": "R"}),
        ),
        ("delete_environment_reference", json!({"reference_id": id})),
        (
            "set_environment_reference_type",
            json!({"reference_id": id, "reference_type": "A", "environment_folder_name": "g"}),
        ),
    ] {
        let refused = bench.call_as(&executor, procedure, arguments).await;
        assert_eq!(refused.unwrap_err().code(), "SO7100", "{procedure}");
    }
    let values = json!({"folder_name": "f", "project_name": "p", "package_name": "a.dtsx"});
    let read = bench.call_as(&executor, "get_parameter_values", values.clone());
    read.await.unwrap();
    let refused = bench.call_as(&nobody, "get_parameter_values", values).await;
    assert_eq!(refused.unwrap_err().code(), "SO7013");
}
