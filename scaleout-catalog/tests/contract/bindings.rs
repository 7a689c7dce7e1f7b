//! Values that executions and parameters get through references.

use scaleout_core::error::Explain as _;
use scaleout_core::protocol::task::ParameterValue;
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::references::{bench, with};
use crate::support::{ANNA, package, parameter};

contract![
    an_execution_takes_the_values_of_its_environment,
    a_secret_goes_into_secrets_only,
    without_a_reference_what_refers_to_a_variable_has_no_value,
    each_condition_of_a_reference_refuses_the_execution,
    parameter_values_are_read_as_an_execution_would_get_them,
    a_parameter_refers_to_a_variable_until_it_gets_a_value,
];

async fn an_execution_takes_the_values_of_its_environment(on: Database) {
    let bench = bench(on).await;
    bench.refer("Text", "TEXT").await;
    bench.refer("Needed", "Text").await;
    let dev = bench.reference(json!({})).await.unwrap();
    let prod = bench
        .reference(json!({"environment_name": "prod"}))
        .await
        .unwrap();
    assert_eq!(bench.value(dev, "Text").await, "from f/dev");
    let id = bench.create(json!({"reference_id": prod})).await.unwrap();
    assert_eq!(bench.execution(id, "reference_id").await, prod);
    assert_eq!(bench.execution(id, "reference_type").await, "R");
    assert_eq!(bench.execution(id, "environment_folder_name").await, "f");
    assert_eq!(bench.execution(id, "environment_name").await, "prod");

    // What the environment becomes afterwards, and a value for this execution, do not mix.
    let later = json!({"folder_name": "f", "environment_name": "prod", "variable_name": "Text", "value": "later"});
    let set = bench.call("set_environment_variable_value", later).await;
    set.unwrap();
    let own = json!({"execution_id": id, "object_type": 20, "parameter_name": "Needed", "parameter_value": "own"});
    let set = bench.call("set_execution_parameter_value", own).await;
    set.unwrap();
    bench.start(id).await.unwrap();
    let task = bench.lease(id, ANNA).await.unwrap();
    let given = |name: &str| {
        task.project_parameters
            .iter()
            .find(|p| p.name == name)
            .unwrap()
    };
    assert_eq!(given("Text").value.as_deref(), Some("from f/prod"));
    assert_eq!(given("Needed").value.as_deref(), Some("own"));
    assert_eq!(given("Count").value, None);

    let id = id.to_string();
    let sources = bench
        .view("execution_parameter_sources", &[("execution_id", &id)])
        .await;
    let source = |name: &str| {
        let row = sources.iter().find(|row| row["parameter_name"] == name);
        [
            &row.unwrap()["value_source"],
            &row.unwrap()["referenced_variable_name"],
        ]
    };
    assert_eq!(
        source("Text"),
        [&json!("environment variable"), &json!("TEXT")]
    );
    assert_eq!(source("Needed"), [&json!("execution"), &json!("Text")]);
    assert_eq!(source("Count"), [&json!("design default"), &Value::Null]);
}

async fn a_secret_goes_into_secrets_only(on: Database) {
    let bench = bench(on).await;
    let hidden = json!({"variable_name": "Hidden", "sensitive": 1, "value": "correct horse"});
    bench.variable_in("f", "dev", hidden).await;
    let dev = bench.reference(json!({})).await.unwrap();
    bench.refer("Needed", "Hidden").await;
    let error = bench
        .create(json!({"reference_id": dev}))
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.number()), ("SO7057", Some(27221)));
    assert!(error.to_string().contains("`Hidden`"), "{error}");

    bench.refer("Needed", "Text").await;
    for (variable, value) in [("Hidden", "correct horse"), ("Text", "from f/dev")] {
        bench.refer("Secret", variable).await;
        let id = bench.create(json!({"reference_id": dev})).await.unwrap();
        let text = id.to_string();
        let filter = [
            ("execution_id", text.as_str()),
            ("parameter_name", "Secret"),
        ];
        let row = bench
            .view("execution_parameter_values", &filter)
            .await
            .remove(0);
        assert_eq!(row["parameter_value"], Value::Null, "{variable}");
        assert_eq!(row["sensitive"], true, "{variable}");
        assert_eq!(row["value_set"], true, "{variable}");
        bench.start(id).await.unwrap();
        let task = bench.lease(id, ANNA).await.unwrap();
        let given: &ParameterValue = task
            .project_parameters
            .iter()
            .find(|p| p.name == "Secret")
            .unwrap();
        assert_eq!(given.value.as_deref(), Some(value));
        assert!(given.sensitive);
    }
    assert!(!bench.holds("correct horse").await);
}

async fn without_a_reference_what_refers_to_a_variable_has_no_value(on: Database) {
    let bench = bench(on).await;
    bench.refer("Text", "Text").await;
    let id = bench.create(json!({})).await.unwrap();
    let set = |name: &str| json!({"execution_id": id, "object_type": 20, "parameter_name": name, "parameter_value": "own"});
    let needed = bench.call("set_execution_parameter_value", set("Needed"));
    needed.await.unwrap();
    let text = id.to_string();
    let filter = [("execution_id", text.as_str()), ("parameter_name", "Text")];
    let row = bench
        .view("execution_parameter_values", &filter)
        .await
        .remove(0);
    assert_eq!(row["parameter_value"], Value::Null);
    assert_eq!(row["value_set"], false);
    let error = bench.start(id).await.unwrap_err();
    assert_eq!((error.code(), error.number()), ("SO7058", Some(27202)));
    assert!(error.to_string().ends_with(": Text"), "{error}");
    assert!(error.hint().contains("--environment"));
    assert_eq!(bench.execution(id, "reference_id").await, Value::Null);
    let own = bench.call("set_execution_parameter_value", set("Text"));
    own.await.unwrap();
    bench.start(id).await.unwrap();
}

async fn each_condition_of_a_reference_refuses_the_execution(on: Database) {
    let bench = bench(on).await;
    let dev = bench.reference(json!({})).await.unwrap();
    let foreign = bench.reference(json!({"project_name": "q"})).await.unwrap();
    assert_eq!(bench.refused_execution(dev + 100).await, "SO7028");
    assert_eq!(bench.refused_execution(foreign).await, "SO7028");

    bench.refer("Text", "Absent").await;
    let error = bench
        .create(json!({"reference_id": dev}))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "SO7055");
    let said = format!("{error}; {}", error.hint());
    for part in ["`Text`", "`Absent`", "`dev`", "the environment has Text"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    bench.refer("Text", "Text").await;
    bench.refer("Count", "Text").await;
    let error = bench
        .create(json!({"reference_id": dev}))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "SO7056");
    assert!(
        error.to_string().contains("Int32") && error.to_string().contains("String"),
        "{error}"
    );

    let folder = json!({"reference_location": "A", "environment_folder_name": "g"});
    let absolute = bench.reference(folder).await.unwrap();
    let place = json!({"source_folder": "g", "environment_name": "dev", "destination_folder": "h"});
    let made = bench
        .call("create_folder", json!({"folder_name": "h"}))
        .await;
    made.unwrap();
    bench.call("move_environment", place).await.unwrap();
    assert_eq!(bench.refused_execution(absolute).await, "SO7050");
    let gone = bench
        .call("delete_folder", json!({"folder_name": "g"}))
        .await;
    gone.unwrap();
    assert_eq!(bench.refused_execution(absolute).await, "SO7050");
    assert!(bench.view("executions", &[]).await.is_empty());
}

async fn parameter_values_are_read_as_an_execution_would_get_them(on: Database) {
    let bench = bench(on).await;
    bench.refer("Text", "Text").await;
    bench.refer("Needed", "Absent").await;
    bench.refer("Secret", "Text").await;
    let dev = bench.reference(json!({})).await.unwrap();
    let read = async |extra: Value| {
        let package = json!({"folder_name": "f", "project_name": "p", "package_name": "A.dtsx"});
        let read = bench
            .call("get_parameter_values", with(package, extra))
            .await;
        read.map(|result| result.rows.unwrap())
            .map_err(|error| error.code().to_owned())
    };
    let rows = read(json!({"reference_id": dev})).await.unwrap();
    assert_eq!(rows.columns[3], "parameter_value");
    assert_eq!(
        rows.rows,
        vec![
            vec![
                json!(20),
                json!("String"),
                json!("Text"),
                json!("from f/dev"),
                json!(false),
                json!(false),
                json!(true)
            ],
            vec![
                json!(20),
                json!("Int32"),
                json!("Count"),
                json!(1),
                json!(false),
                json!(false),
                json!(true)
            ],
            vec![
                json!(20),
                json!("String"),
                json!("Needed"),
                Value::Null,
                json!(false),
                json!(true),
                json!(false)
            ],
            vec![
                json!(20),
                json!("String"),
                json!("Secret"),
                Value::Null,
                json!(true),
                json!(false),
                json!(true)
            ],
        ]
    );
    let rows = read(json!({})).await.unwrap();
    assert_eq!(
        (&rows.rows[0][3], &rows.rows[0][6]),
        (&Value::Null, &json!(false))
    );
    for (extra, code) in [
        (json!({"package_name": "x.dtsx"}), "SO7016"),
        (json!({"project_name": "x"}), "SO7015"),
        (json!({"reference_id": dev + 100}), "SO7028"),
    ] {
        assert_eq!(read(extra.clone()).await.unwrap_err(), code, "{extra}");
    }
}

async fn a_parameter_refers_to_a_variable_until_it_gets_a_value(on: Database) {
    let bench = bench(on).await;
    let set = |value: Value, kind: &str| {
        json!({"object_type": 20, "folder_name": "f", "project_name": "p",
        "parameter_name": "Text", "parameter_value": value, "value_type": kind})
    };
    let shown = async || {
        let row = bench.object_parameter("Text").await;
        [
            "value_type",
            "referenced_variable_name",
            "default_value",
            "value_set",
        ]
        .map(|column| row[column].clone())
    };
    assert_eq!(
        shown().await,
        [json!("V"), Value::Null, Value::Null, json!(false)]
    );
    let own = bench.call("set_object_parameter_value", set(json!("own"), "V"));
    own.await.unwrap();
    let refer = bench.call("set_object_parameter_value", set(json!("Text"), "r"));
    refer.await.unwrap();
    let referring = [json!("R"), json!("Text"), Value::Null, json!(true)];
    assert_eq!(shown().await, referring);

    // The next version refers to it too, even where the parameter has another type.
    let packages = [package("a.dtsx")];
    let changed = parameter("Text", 9, "", Some("1"));
    bench.deploy("p", &packages, &changed).await.unwrap();
    assert_eq!(shown().await, referring);
    bench
        .deploy("p", &packages, &parameter("Text", 18, "", None))
        .await
        .unwrap();

    let own = bench.call("set_object_parameter_value", set(json!("own"), "V"));
    own.await.unwrap();
    assert_eq!(
        shown().await,
        [json!("V"), Value::Null, json!("own"), json!(true)]
    );
    bench.refer("Text", "Text").await;
    let clear = json!({"folder_name": "f", "project_name": "p", "object_type": 20, "object_name": "p", "parameter_name": "Text"});
    let cleared = bench.call("clear_object_parameter_value", clear).await;
    cleared.unwrap();
    assert_eq!(
        shown().await,
        [json!("V"), Value::Null, Value::Null, json!(false)]
    );

    for (value, kind, code) in [
        (json!("a b"), "R", "SO7011"),
        (json!(7), "R", "SO7026"),
        (json!("Text"), "X", "SO7026"),
    ] {
        let refused = bench
            .refusal("set_object_parameter_value", set(value, kind))
            .await;
        assert_eq!(refused, code, "{kind}");
    }
}
