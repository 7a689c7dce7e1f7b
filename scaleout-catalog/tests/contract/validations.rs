//! Validations: values checked here, packages by a worker.

use scaleout_catalog::{Caller, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::event::{Event, EventBody, PackageResult, PartResult};
use scaleout_core::protocol::task::TaskDescription;
use scaleout_core::protocol::worker::{AttemptOutcome, Complete, LogBatch, TaskHeartbeat};
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{ANNA, Bench, Pkg, key, package, parameter};

contract![
    a_project_is_validated_package_by_package,
    a_package_that_cannot_run_makes_the_validation_fail,
    parameters_need_values_in_the_environments_that_are_included,
    each_reference_of_scope_a_is_a_part_of_its_own,
    each_condition_of_a_validation_refuses,
    a_validation_is_no_execution,
    a_validation_that_takes_too_long_is_stopped,
    a_stopped_validation_finds_nothing_out,
    secrets_reach_the_worker_and_nobody_else,
];

async fn validate(bench: &Bench, extra: Value) -> i64 {
    let mut arguments = json!({"folder_name": "f", "project_name": "p"});
    for (name, value) in extra.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    let procedure = match arguments.get("package_name") {
        Some(_) => "validate_package",
        None => "validate_project",
    };
    let begun = bench.call(procedure, arguments).await.unwrap();
    begun.outputs["@validation_id"].as_i64().unwrap()
}

/// What the worker reports: which parts can run.
async fn report(bench: &Bench, id: i64, task: &TaskDescription, valid: impl Fn(&str) -> bool) {
    let parts = &task.validation.as_ref().unwrap().parts;
    let now = bench.in_seconds(0);
    let events: Vec<Event> = (1..)
        .zip(parts)
        .map(|(sequence, part)| Event {
            sequence,
            time: now,
            body: EventBody::Validated(PartResult {
                part: part.part,
                valid: valid(&part.package_name),
                start_time: now,
                end_time: now,
            }),
        })
        .collect();
    let last_sequence = events.len() as u64;
    let attempt = key(id, 1);
    let batch = LogBatch { attempt, events };
    bench.catalog.append_events(ANNA, &batch).await.unwrap();
    let all = parts.iter().all(|part| valid(&part.package_name));
    let complete = Complete {
        events: Vec::new(),
        attempt,
        outcome: AttemptOutcome::Ran {
            result: match all {
                true => PackageResult::Success,
                false => PackageResult::Failure,
            },
        },
        last_sequence,
        began: None,
        usage: None,
        left_out: 0,
    };
    bench.catalog.complete(ANNA, &complete).await.unwrap();
}

async fn validation(bench: &Bench, id: i64) -> Value {
    let rows = bench
        .view("validations", &[("validation_id", &id.to_string())])
        .await;
    rows[0].clone()
}

async fn parts(bench: &Bench, id: i64) -> Vec<Value> {
    bench
        .view(
            "extended_operation_info",
            &[("operation_id", &id.to_string())],
        )
        .await
}

async fn two_packages(on: Database) -> Bench {
    let inner = Pkg {
        entry_point: false,
        ..package("inner.dtsx")
    };
    let bench = Bench::with_project(on, &[package("a.dtsx"), inner]).await;
    bench.worker(ANNA).await;
    bench
}

async fn a_project_is_validated_package_by_package(on: Database) {
    let bench = two_packages(on).await;
    assert_eq!(
        bench.view("projects", &[]).await[0]["validation_status"],
        "N"
    );
    let id = validate(&bench, json!({"use32bitruntime": 1})).await;
    let row = validation(&bench, id).await;
    assert_eq!(row["status"], 5);
    assert_eq!(row["operation_type"], 300);
    assert_eq!(
        (&row["object_name"], &row["object_type"]),
        (&json!("p"), &json!(20))
    );
    assert_eq!(
        (&row["environment_scope"], &row["validate_type"]),
        (&json!("D"), &json!("F"))
    );
    assert_eq!(row["use32bitruntime"], true);
    assert_eq!(row["caller_name"], "admin");
    let task = bench.lease(id, ANNA).await.unwrap();
    let names: Vec<&str> = task
        .validation
        .as_ref()
        .unwrap()
        .parts
        .iter()
        .map(|part| part.package_name.as_str())
        .collect();
    assert_eq!(names, ["a.dtsx", "inner.dtsx"]);
    assert_eq!(validation(&bench, id).await["status"], 2);
    report(&bench, id, &task, |_| true).await;
    let row = validation(&bench, id).await;
    assert_eq!(row["status"], 7);
    assert!(row["end_time"].is_string());
    for part in parts(&bench, id).await {
        assert_eq!(part["status"], 7);
        assert_eq!(part["object_type"], 30);
        assert!(part["end_time"].is_string());
    }
    assert_eq!(
        bench.view("projects", &[]).await[0]["validation_status"],
        "V"
    );
    for package in bench.view("packages", &[]).await {
        assert_eq!(package["validation_status"], "V");
        assert!(package["last_validation_time"].is_string());
    }
    // What is deployed anew is not validated.
    bench.deploy("p", &[package("a.dtsx")], "").await.unwrap();
    assert_eq!(
        bench.view("projects", &[]).await[0]["validation_status"],
        "N"
    );
}

async fn a_package_that_cannot_run_makes_the_validation_fail(on: Database) {
    let bench = two_packages(on).await;
    let id = validate(&bench, json!({})).await;
    let task = bench.lease(id, ANNA).await.unwrap();
    report(&bench, id, &task, |package| package == "a.dtsx").await;
    assert_eq!(validation(&bench, id).await["status"], 4);
    let states: Vec<Value> = parts(&bench, id)
        .await
        .into_iter()
        .map(|part| part["status"].clone())
        .collect();
    assert_eq!(states, [json!(7), json!(4)]);
    let packages = bench.view("packages", &[]).await;
    let status = |name: &str| {
        let mut found = packages.iter();
        found.find(|row| row["name"] == name).unwrap()["validation_status"].clone()
    };
    assert_eq!(
        (status("a.dtsx"), status("inner.dtsx")),
        (json!("V"), json!("I"))
    );
    assert_eq!(
        bench.view("projects", &[]).await[0]["validation_status"],
        "I"
    );

    // A single package, entry point or not, says nothing of the project.
    let id = validate(&bench, json!({"package_name": "INNER.dtsx"})).await;
    let row = validation(&bench, id).await;
    assert_eq!(
        (&row["operation_type"], &row["object_type"]),
        (&json!(301), &json!(30))
    );
    assert_eq!(row["object_name"], "inner.dtsx");
    let task = bench.lease(id, ANNA).await.unwrap();
    report(&bench, id, &task, |_| true).await;
    let packages = bench.view("packages", &[("name", "inner.dtsx")]).await;
    assert_eq!(packages[0]["validation_status"], "V");
    assert_eq!(
        bench.view("projects", &[]).await[0]["validation_status"],
        "I"
    );
}

/// A project with a parameter that refers to variable `V`, and one that needs a value; environment
/// `e` has the variable, `bare` has not.
async fn with_environments(on: Database) -> Bench {
    let bench = Bench::open(on).await;
    bench
        .call("create_folder", json!({"folder_name": "f"}))
        .await
        .unwrap();
    bench.call("enable_scaleout", json!({})).await.unwrap();
    let parameters =
        parameter("Bound", 18, "", Some("design")) + &parameter("Needed", 18, "required", None);
    bench
        .deploy("p", &[package("a.dtsx")], &parameters)
        .await
        .unwrap();
    let bind = json!({"object_type": 20, "folder_name": "f", "project_name": "p", "parameter_name": "Bound", "parameter_value": "V", "value_type": "R"});
    bench
        .call("set_object_parameter_value", bind)
        .await
        .unwrap();
    for name in ["e", "bare"] {
        bench
            .call(
                "create_environment",
                json!({"folder_name": "f", "environment_name": name}),
            )
            .await
            .unwrap();
        let reference = json!({"folder_name": "f", "project_name": "p", "environment_name": name, "reference_location": "R"});
        bench
            .call("create_environment_reference", reference)
            .await
            .unwrap();
    }
    let variable = json!({"folder_name": "f", "environment_name": "e", "variable_name": "V", "data_type": "String", "sensitive": 0, "value": "from e", "description": ""});
    bench
        .call("create_environment_variable", variable)
        .await
        .unwrap();
    bench.worker(ANNA).await;
    bench
}

async fn reference(bench: &Bench, environment: &str) -> Value {
    let rows = bench
        .view(
            "environment_references",
            &[("environment_name", environment)],
        )
        .await;
    rows[0].clone()
}

async fn errors(bench: &Bench, id: i64) -> Vec<String> {
    let rows = bench
        .view("operation_messages", &[("operation_id", &id.to_string())])
        .await;
    rows.iter()
        .filter(|row| row["message_type"] == 120)
        .map(|row| row["message"].as_str().unwrap().to_owned())
        .collect()
}

async fn status_of(bench: &Bench, parameter: &str) -> Value {
    let rows = bench
        .view("object_parameters", &[("parameter_name", parameter)])
        .await;
    rows[0]["validation_status"].clone()
}

async fn parameters_need_values_in_the_environments_that_are_included(on: Database) {
    let bench = with_environments(on).await;
    let id = validate(&bench, json!({})).await;
    let found = errors(&bench, id).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("`Bound`") && found[0].contains("no environment"));
    assert!(found[1].contains("`Needed` needs a value"));
    assert_eq!(status_of(&bench, "Bound").await, "I");
    assert_eq!(status_of(&bench, "Needed").await, "I");
    let part = parts(&bench, id).await[0].clone();
    let messages = bench
        .view("operation_messages", &[("operation_id", &id.to_string())])
        .await;
    assert_eq!(messages[0]["extended_info_id"], part["info_id"]);
    // The worker finds nothing wrong with the package; its values are.
    let task = bench.lease(id, ANNA).await.unwrap();
    report(&bench, id, &task, |_| true).await;
    assert_eq!(validation(&bench, id).await["status"], 4);
    assert_eq!(parts(&bench, id).await[0]["status"], 4);

    let value = json!({"object_type": 20, "folder_name": "f", "project_name": "p", "parameter_name": "Needed", "parameter_value": "given"});
    bench
        .call("set_object_parameter_value", value)
        .await
        .unwrap();
    let e = reference(&bench, "e").await;
    let id = validate(
        &bench,
        json!({"environment_scope": "S", "reference_id": e["reference_id"]}),
    )
    .await;
    assert_eq!(errors(&bench, id).await, Vec::<String>::new());
    assert_eq!(
        validation(&bench, id).await["reference_id"],
        e["reference_id"]
    );
    assert_eq!(status_of(&bench, "Bound").await, "V");
    let task = bench.lease(id, ANNA).await.unwrap();
    let part = &task.validation.as_ref().unwrap().parts[0];
    let values: Vec<(&str, Option<&str>)> = part
        .project_parameters
        .iter()
        .map(|one| (one.name.as_str(), one.value.as_deref()))
        .collect();
    assert_eq!(
        values,
        [("Bound", Some("from e")), ("Needed", Some("given"))]
    );
    report(&bench, id, &task, |_| true).await;
    assert_eq!(validation(&bench, id).await["status"], 7);
}

async fn each_reference_of_scope_a_is_a_part_of_its_own(on: Database) {
    let bench = with_environments(on).await;
    let nowhere = json!({"folder_name": "f", "environment_name": "gone"});
    bench
        .call("create_environment", nowhere.clone())
        .await
        .unwrap();
    let lost = json!({"folder_name": "f", "project_name": "p", "environment_name": "gone", "reference_location": "R"});
    bench
        .call("create_environment_reference", lost)
        .await
        .unwrap();
    bench.call("delete_environment", nowhere).await.unwrap();
    let value = json!({"object_type": 20, "folder_name": "f", "project_name": "p", "parameter_name": "Needed", "parameter_value": "given"});
    bench
        .call("set_object_parameter_value", value)
        .await
        .unwrap();
    let id = validate(&bench, json!({"environment_scope": "a"})).await;
    assert_eq!(parts(&bench, id).await.len(), 3);
    let found = errors(&bench, id).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("`V`") && found[0].contains("`bare`"),
        "{found:?}"
    );
    assert!(found[1].contains("no environment `gone`"), "{found:?}");
    for (environment, status) in [("e", "V"), ("bare", "I"), ("gone", "I")] {
        let row = reference(&bench, environment).await;
        assert_eq!(row["validation_status"], status, "{environment}");
    }
    let task = bench.lease(id, ANNA).await.unwrap();
    assert_eq!(task.validation.as_ref().unwrap().parts.len(), 3);
    report(&bench, id, &task, |_| true).await;
    let states: Vec<Value> = parts(&bench, id)
        .await
        .into_iter()
        .map(|part| part["status"].clone())
        .collect();
    assert_eq!(states, [json!(7), json!(4), json!(4)]);
}

async fn each_condition_of_a_validation_refuses(on: Database) {
    let bench = two_packages(on).await;
    let project = |extra: Value| {
        let mut arguments = json!({"folder_name": "f", "project_name": "p"});
        for (name, value) in extra.as_object().unwrap() {
            arguments[name] = value.clone();
        }
        arguments
    };
    for (arguments, code) in [
        (project(json!({"project_name": "x"})), "SO7015"),
        (project(json!({"validate_type": "D"})), "SO7026"),
        (project(json!({"environment_scope": "X"})), "SO7026"),
        (project(json!({"environment_scope": "S"})), "SO7152"),
        (project(json!({"reference_id": 1})), "SO7153"),
        (
            project(json!({"environment_scope": "S", "reference_id": 999})),
            "SO7028",
        ),
    ] {
        assert_eq!(
            bench.refusal("validate_project", arguments.clone()).await,
            code,
            "{arguments}"
        );
    }
    let package = project(json!({"package_name": "x.dtsx"}));
    assert_eq!(bench.refusal("validate_package", package).await, "SO7016");
    let nobody = Caller::new("nobody", Role::Public);
    for (procedure, arguments) in [
        ("validate_project", project(json!({}))),
        (
            "validate_package",
            project(json!({"package_name": "a.dtsx"})),
        ),
    ] {
        let refused = bench
            .call_as(&nobody, procedure, arguments)
            .await
            .unwrap_err();
        assert_eq!(
            refused.code(),
            "SO7013",
            "what may not be known is not there"
        );
    }
    assert!(bench.view("validations", &[]).await.is_empty());
}

async fn a_validation_is_no_execution(on: Database) {
    let bench = two_packages(on).await;
    let id = validate(&bench, json!({})).await;
    assert!(bench.view("executions", &[]).await.is_empty());
    assert!(bench.view("execution_report", &[]).await.is_empty());
    let start = json!({"execution_id": id});
    assert_eq!(bench.refusal("start_execution", start).await, "SO7021");
    let reader = Caller::new("reader", Role::ClusterExecutor);
    assert!(bench.view_as(&reader, "validations", &[]).await.is_empty());
}

async fn a_validation_that_takes_too_long_is_stopped(on: Database) {
    let bench = two_packages(on).await;
    let timeout = json!({"property_name": "VALIDATION_TIMEOUT", "property_value": "60"});
    bench.call("configure_catalog", timeout).await.unwrap();
    let waiting = validate(&bench, json!({})).await;
    assert_eq!(
        bench.catalog.next_stop().await.unwrap(),
        Some(bench.in_seconds(60))
    );
    bench.wait(30);
    let running = validate(&bench, json!({})).await;
    bench.lease(running, ANNA).await.unwrap();
    assert!(bench.catalog.stop_overdue().await.unwrap().is_empty());
    bench.wait(30);
    assert_eq!(bench.catalog.stop_overdue().await.unwrap(), [waiting]);
    assert_eq!(validation(&bench, waiting).await["status"], 3);
    let found = errors(&bench, waiting).await;
    assert!(
        found[0].contains("VALIDATION_TIMEOUT (60 seconds)"),
        "{found:?}"
    );
    assert!(found[0].contains("not begun"), "{found:?}");

    bench.wait(30);
    assert_eq!(bench.catalog.stop_overdue().await.unwrap(), [running]);
    assert_eq!(validation(&bench, running).await["status"], 8);
    assert_eq!(bench.catalog.next_stop().await.unwrap(), None);
    let beat = TaskHeartbeat {
        running: vec![key(running, 1)],
        lease_ms: 60_000,
        process_ids: vec![0],
        counters: Vec::new(),
        began: Vec::new(),
    };
    let until = bench.in_seconds(60);
    let reply = bench
        .catalog
        .renew_leases(ANNA, &beat, until)
        .await
        .unwrap();
    assert_eq!(reply.stop, [key(running, 1)]);
    bench
        .finish(ANNA, key(running, 1), PackageResult::Canceled)
        .await;
    assert_eq!(validation(&bench, running).await["status"], 3);
}

async fn a_stopped_validation_finds_nothing_out(on: Database) {
    let bench = two_packages(on).await;
    let id = validate(&bench, json!({})).await;
    bench
        .call("stop_operation", json!({"operation_id": id}))
        .await
        .unwrap();
    assert_eq!(validation(&bench, id).await["status"], 3);
    for part in parts(&bench, id).await {
        assert_eq!(part["status"], 3);
    }
    assert_eq!(
        bench.view("projects", &[]).await[0]["validation_status"],
        "N"
    );
    assert_eq!(
        bench.view("packages", &[]).await[0]["validation_status"],
        "N"
    );
    assert_eq!(bench.catalog.next_stop().await.unwrap(), None);
}

async fn secrets_reach_the_worker_and_nobody_else(on: Database) {
    let bench = Bench::open(on).await;
    bench
        .call("create_folder", json!({"folder_name": "f"}))
        .await
        .unwrap();
    bench.call("enable_scaleout", json!({})).await.unwrap();
    let secret = parameter("Secret", 18, "sensitive", None);
    bench
        .deploy("p", &[package("a.dtsx")], &secret)
        .await
        .unwrap();
    let value = json!({"object_type": 20, "folder_name": "f", "project_name": "p", "parameter_name": "Secret", "parameter_value": "Zaunkoenig"});
    bench
        .call("set_object_parameter_value", value)
        .await
        .unwrap();
    bench.worker(ANNA).await;
    let id = validate(&bench, json!({})).await;
    let task = bench.lease(id, ANNA).await.unwrap();
    let part = &task.validation.as_ref().unwrap().parts[0];
    assert_eq!(
        part.project_parameters[0].value.as_deref(),
        Some("Zaunkoenig")
    );
    assert!(part.project_parameters[0].sensitive);
    assert!(!format!("{task:?}").contains("Zaunkoenig"));
    report(&bench, id, &task, |_| true).await;
    assert!(!bench.holds("Zaunkoenig").await);
}
