//! Parameter values: where they come from, what is refused, what stays secret.

use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{ANNA, Bench, package, parameter};

contract![
    an_execution_takes_the_server_value_before_the_design_default,
    a_start_names_every_required_parameter_without_value,
    the_worker_gets_what_was_set_and_the_design_defaults_are_left_to_the_package,
    values_and_names_are_checked,
    secrets_are_in_no_view_no_error_and_no_file,
    an_unknown_parameter_is_refused_with_the_names_that_exist,
    a_wrong_value_is_refused_with_the_form_of_its_type,
];

async fn bench(on: Database) -> Bench {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let parameters = parameter("Design", 18, "", Some("from design"))
        + &parameter("Count", 9, "", Some("1"))
        + &parameter("Needed", 18, "required", Some("not enough"))
        + &parameter("Also", 18, "required", None)
        + &parameter("Secret", 18, "sensitive", Some("design secret"));
    bench
        .deploy("p", &[package("a.dtsx")], &parameters)
        .await
        .unwrap();
    bench.worker(ANNA).await;
    bench
}

async fn set(bench: &Bench, id: i64, name: &str, value: Value) -> Result<(), String> {
    let arguments = json!({"execution_id": id, "object_type": 20, "parameter_name": name, "parameter_value": value});
    match bench.call("set_execution_parameter_value", arguments).await {
        Ok(_) => Ok(()),
        Err(error) => Err(scaleout_core::error::Explain::code(&error).to_owned()),
    }
}

async fn row(bench: &Bench, id: i64, name: &str) -> Value {
    let filter = [
        ("execution_id", id.to_string()),
        ("parameter_name", name.to_owned()),
    ];
    let filter: Vec<(&str, &str)> = filter.iter().map(|(c, v)| (*c, v.as_str())).collect();
    bench.view("execution_parameter_values", &filter).await[0].clone()
}

async fn an_execution_takes_the_server_value_before_the_design_default(on: Database) {
    let bench = bench(on).await;
    let server = |value: Value| {
        json!({"object_type": 20, "folder_name": "f", "project_name": "p",
        "parameter_name": "count", "parameter_value": value})
    };
    bench
        .call("set_object_parameter_value", server(json!("7")))
        .await
        .unwrap();
    let id = bench.create(json!({})).await.unwrap();
    assert_eq!(row(&bench, id, "Count").await["parameter_value"], 7);
    assert_eq!(
        row(&bench, id, "Design").await["parameter_value"],
        "from design"
    );
    assert_eq!(row(&bench, id, "Design").await["runtime_override"], false);
    assert_eq!(
        bench
            .refusal("set_object_parameter_value", server(json!("seven")))
            .await,
        "SO7026"
    );
    let clear = json!({"folder_name": "f", "project_name": "p", "object_type": 20, "object_name": "p", "parameter_name": "Count"});
    bench
        .call("clear_object_parameter_value", clear)
        .await
        .unwrap();
    let later = bench.create(json!({})).await.unwrap();
    assert_eq!(row(&bench, later, "Count").await["parameter_value"], 1);
    assert_eq!(row(&bench, id, "Count").await["parameter_value"], 7);
}

async fn a_start_names_every_required_parameter_without_value(on: Database) {
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    let error = bench.start(id).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("execution {id} needs values for: Needed, Also")
    );
    assert_eq!(bench.execution(id, "status").await, 1);
    set(&bench, id, "Needed", json!("x")).await.unwrap();
    set(&bench, id, "Also", json!("y")).await.unwrap();
    bench.start(id).await.unwrap();
}

async fn values_and_names_are_checked(on: Database) {
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    assert_eq!(
        set(&bench, id, "Count", json!("many")).await,
        Err("SO7026".into())
    );
    assert_eq!(
        set(&bench, id, "Count", json!(4_000_000_000_u64)).await,
        Err("SO7026".into())
    );
    assert_eq!(
        set(&bench, id, "Design", json!(5)).await,
        Err("SO7026".into())
    );
    assert_eq!(
        set(&bench, id, "Nothing", json!("x")).await,
        Err("SO7025".into())
    );
    assert_eq!(
        set(&bench, 999, "Count", json!(1)).await,
        Err("SO7020".into())
    );
    let scope = json!({"execution_id": id, "object_type": 40, "parameter_name": "Count", "parameter_value": 1});
    assert_eq!(
        bench.refusal("set_execution_parameter_value", scope).await,
        "SO7026"
    );
    let option = json!({"execution_id": id, "object_type": 50, "parameter_name": "LOGGING_LEVEL", "parameter_value": 7});
    assert_eq!(
        bench.refusal("set_execution_parameter_value", option).await,
        "SO7026"
    );
    let path = json!({"execution_id": id, "property_path": "Package", "property_value": "1", "sensitive": 0});
    assert_eq!(
        bench
            .refusal("set_execution_property_override_value", path)
            .await,
        "SO7027"
    );
}

async fn the_worker_gets_what_was_set_and_the_design_defaults_are_left_to_the_package(
    on: Database,
) {
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    for (name, value) in [
        ("Needed", json!("n")),
        ("Also", json!("a")),
        ("Secret", json!("hunter2")),
    ] {
        set(&bench, id, name, value).await.unwrap();
    }
    let level = json!({"execution_id": id, "object_type": 50, "parameter_name": "logging_level", "parameter_value": 3});
    bench
        .call("set_execution_parameter_value", level)
        .await
        .unwrap();
    for (path, value, sensitive) in [(r"\Package.B", "b", 0), (r"\Package.A", "swordfish", 1)] {
        let arguments = json!({"execution_id": id, "property_path": path, "property_value": value, "sensitive": sensitive});
        bench
            .call("set_execution_property_override_value", arguments)
            .await
            .unwrap();
    }
    bench.start(id).await.unwrap();
    let task = bench.lease(id, ANNA).await.unwrap();
    let value = |name: &str| {
        let found = task
            .project_parameters
            .iter()
            .find(|parameter| parameter.name == name);
        found.unwrap().value.clone()
    };
    assert_eq!(value("Needed").as_deref(), Some("n"));
    assert_eq!(value("Secret").as_deref(), Some("hunter2"));
    assert_eq!(value("Design"), None);
    assert_eq!(task.logging_level.number(), 3);
    let overrides: Vec<_> = task
        .property_overrides
        .iter()
        .map(|o| (o.path.as_str(), o.value.as_str()))
        .collect();
    assert_eq!(
        overrides,
        [(r"\Package.B", "b"), (r"\Package.A", "swordfish")]
    );
    let file = bench
        .catalog
        .project_file(&task.project_hash)
        .await
        .unwrap();
    assert!(file.is_some());
}

async fn secrets_are_in_no_view_no_error_and_no_file(on: Database) {
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    set(&bench, id, "Secret", json!("hunter2-execution"))
        .await
        .unwrap();
    let server = json!({"object_type": 20, "folder_name": "f", "project_name": "p", "parameter_name": "Secret", "parameter_value": "hunter2-server"});
    bench
        .call("set_object_parameter_value", server)
        .await
        .unwrap();
    let property = json!({"execution_id": id, "property_path": r"\Package.A", "property_value": "hunter2-override", "sensitive": 1});
    bench
        .call("set_execution_property_override_value", property)
        .await
        .unwrap();
    for view in [
        "execution_parameter_values",
        "object_parameters",
        "execution_property_override_values",
    ] {
        let text = serde_json::to_string(&bench.view(view, &[]).await).unwrap();
        assert!(
            !text.contains("hunter2") && !text.contains("design secret"),
            "{view}"
        );
    }
    let secret = row(&bench, id, "Secret").await;
    assert_eq!(
        (&secret["value_set"], &secret["parameter_value"]),
        (&json!(true), &Value::Null)
    );
    let bench = bench.reopen().await;
    assert!(bench.holds("LOGGING_LEVEL").await);
    assert!(!bench.holds("hunter2").await);
}

async fn an_unknown_parameter_is_refused_with_the_names_that_exist(on: Database) {
    use scaleout_core::error::Explain as _;
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    let of_execution = json!({"execution_id": id, "object_type": 20, "parameter_name": "Cuont", "parameter_value": "1"});
    let of_project = json!({"object_type": 20, "folder_name": "f", "project_name": "p",
        "parameter_name": "Cuont", "parameter_value": "1"});
    for (procedure, arguments) in [
        ("set_execution_parameter_value", of_execution),
        ("set_object_parameter_value", of_project),
    ] {
        let error = bench.call(procedure, arguments).await.unwrap_err();
        assert_eq!(
            (error.code(), error.hint().as_str()),
            ("SO7025", "it has Design, Count, Needed, Also, Secret"),
            "{procedure}"
        );
    }
}

async fn a_wrong_value_is_refused_with_the_form_of_its_type(on: Database) {
    use scaleout_core::error::Explain as _;
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    let arguments = json!({"execution_id": id, "object_type": 20, "parameter_name": "Count", "parameter_value": "one"});
    let error = bench
        .call("set_execution_parameter_value", arguments)
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.hint().as_str()),
        (
            "SO7026",
            "write a whole number from -2147483648 to 2147483647"
        )
    );
}
