//! Customized logging levels, data taps, dumps, performance counters, contexts of messages.

use scaleout_catalog::{Caller, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::model::{CustomizedLevel, LoggingLevel};
use scaleout_core::protocol::event::{
    ContextEntry, DataStatistics, DumpNote, Event, EventBody, EventMessage, PackageResult,
};
use scaleout_core::protocol::task::{DataTap, TappedTask};
use scaleout_core::protocol::worker::{
    AttemptCounters, Counter, LogBatch, TaskHeartbeat, TaskHeartbeatReply,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::databases::{Database, contract};
use crate::support::{ANNA, Bench, admin, key, package};

contract![
    levels_are_made_changed_renamed_and_deleted,
    each_condition_of_a_level_refuses,
    only_administrators_change_levels_and_everybody_sees_them,
    an_execution_takes_what_its_level_logged_when_it_started,
    level_100_needs_a_name_for_an_execution_and_for_the_server,
    a_customized_level_with_volume_keeps_each_step,
    taps_reach_the_worker_in_their_order,
    each_condition_of_a_tap_refuses,
    dump_options_reach_the_worker,
    a_dump_is_asked_for_once_and_recorded_when_it_was_written,
    a_dump_that_could_not_be_written_can_be_asked_for_again,
    counters_are_those_of_running_executions,
    a_message_keeps_its_context,
];

async fn level(bench: &Bench, name: &str, profile: i64, events: i64) {
    let arguments = json!({"level_name": name, "level_description": "d", "profile_value": profile, "events_value": events});
    bench
        .call("create_customized_logging_level", arguments)
        .await
        .unwrap();
}

async fn levels(bench: &Bench) -> Vec<Value> {
    bench.view("customized_logging_levels", &[]).await
}

async fn levels_are_made_changed_renamed_and_deleted(on: Database) {
    let bench = Bench::open(on).await;
    let arguments = json!({"level_name": "Errors", "level_description": "what wakes people", "profile_value": 1, "events_value": 33024});
    let made = bench
        .call("create_customized_logging_level", arguments)
        .await
        .unwrap();
    let row = levels(&bench).await[0].clone();
    assert_eq!(row["level_id"], made.outputs["@level_id"]);
    assert_eq!(
        (&row["name"], &row["description"]),
        (&json!("Errors"), &json!("what wakes people"))
    );
    assert_eq!(
        (&row["profile_value"], &row["events_value"]),
        (&json!(1), &json!(33024))
    );
    assert_eq!(row["created_by_name"], "admin");

    for (property, value) in [("PROFILE", 7_i64), ("events", 1 << 40)] {
        let arguments =
            json!({"level_name": "errors", "property_name": property, "property_value": value});
        bench
            .call("set_customized_logging_level_value", arguments)
            .await
            .unwrap();
    }
    let arguments = json!({"level_name": "ERRORS", "level_description": "new"});
    bench
        .call("set_customized_logging_level_description", arguments)
        .await
        .unwrap();
    let arguments = json!({"old_name": "errors", "new_name": "Alarms"});
    bench
        .call("rename_customized_logging_level", arguments)
        .await
        .unwrap();
    let row = levels(&bench).await[0].clone();
    assert_eq!(
        (&row["name"], &row["description"]),
        (&json!("Alarms"), &json!("new"))
    );
    assert_eq!(row["profile_value"], 7);
    assert_eq!(row["events_value"], 1_i64 << 40);

    bench
        .call(
            "delete_customized_logging_level",
            json!({"level_name": "alarms"}),
        )
        .await
        .unwrap();
    assert!(levels(&bench).await.is_empty());
}

async fn each_condition_of_a_level_refuses(on: Database) {
    let bench = Bench::open(on).await;
    level(&bench, "mine", 0, 0).await;
    let create = |name: &str, profile: i64, events: i64| json!({"level_name": name, "level_description": "", "profile_value": profile, "events_value": events});
    for (arguments, code) in [
        (create("MINE", 0, 0), "SO7141"),
        (create("a<b", 0, 0), "SO7011"),
        (create("x", 8, 0), "SO7142"),
        (create("x", 0, -1), "SO7142"),
        (create("x", 0, 1 << 20), "SO7142"),
    ] {
        assert_eq!(
            bench
                .refusal("create_customized_logging_level", arguments.clone())
                .await,
            code,
            "{arguments}"
        );
    }
    let value = |name: &str, property: &str, value: i64| json!({"level_name": name, "property_name": property, "property_value": value});
    for (arguments, code) in [
        (value("other", "EVENTS", 1), "SO7140"),
        (value("mine", "COLOUR", 1), "SO7026"),
        (value("mine", "PROFILE", 8), "SO7142"),
    ] {
        assert_eq!(
            bench
                .refusal("set_customized_logging_level_value", arguments)
                .await,
            code
        );
    }
    let rename = json!({"old_name": "other", "new_name": "x"});
    assert_eq!(
        bench
            .refusal("rename_customized_logging_level", rename)
            .await,
        "SO7140"
    );
    level(&bench, "second", 0, 0).await;
    let rename = json!({"old_name": "mine", "new_name": "Second"});
    assert_eq!(
        bench
            .refusal("rename_customized_logging_level", rename)
            .await,
        "SO7141"
    );
    let delete = json!({"level_name": "other"});
    assert_eq!(
        bench
            .refusal("delete_customized_logging_level", delete)
            .await,
        "SO7140"
    );
    let describe = json!({"level_name": "other", "level_description": "d"});
    assert_eq!(
        bench
            .refusal("set_customized_logging_level_description", describe)
            .await,
        "SO7140"
    );
    let negative = bench
        .call("create_customized_logging_level", create("x", -1, 0))
        .await
        .unwrap_err();
    assert_eq!(negative.number(), Some(27240));
}

async fn only_administrators_change_levels_and_everybody_sees_them(on: Database) {
    let bench = Bench::open(on).await;
    level(&bench, "mine", 0, 0).await;
    let runner = Caller::new("runner", Role::ClusterExecutor);
    for (procedure, arguments) in [
        (
            "create_customized_logging_level",
            json!({"level_name": "x", "level_description": "", "profile_value": 0, "events_value": 0}),
        ),
        (
            "delete_customized_logging_level",
            json!({"level_name": "mine"}),
        ),
        (
            "rename_customized_logging_level",
            json!({"old_name": "mine", "new_name": "x"}),
        ),
        (
            "set_customized_logging_level_description",
            json!({"level_name": "mine", "level_description": "x"}),
        ),
        (
            "set_customized_logging_level_value",
            json!({"level_name": "mine", "property_name": "EVENTS", "property_value": 1}),
        ),
    ] {
        let refused = bench
            .call_as(&runner, procedure, arguments)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), "SO7010", "{procedure}");
    }
    let nobody = Caller::new("nobody", Role::Public);
    for caller in [runner, nobody] {
        let seen = bench.view_as(&caller, "customized_logging_levels", &[]);
        assert_eq!(seen.await.len(), 1);
    }
}

async fn option(bench: &Bench, id: i64, name: &str, value: Value) {
    let arguments = json!({"execution_id": id, "object_type": 50, "parameter_name": name, "parameter_value": value});
    bench
        .call("set_execution_parameter_value", arguments)
        .await
        .unwrap();
}

async fn an_execution_takes_what_its_level_logged_when_it_started(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    level(&bench, "Errors", 2, 256).await;
    let id = bench.create(json!({})).await.unwrap();
    option(&bench, id, "LOGGING_LEVEL", json!(100)).await;
    option(&bench, id, "customized_logging_level", json!("ERRORS")).await;
    bench.start(id).await.unwrap();
    let change = json!({"level_name": "Errors", "property_name": "EVENTS", "property_value": 1});
    bench
        .call("set_customized_logging_level_value", change)
        .await
        .unwrap();
    bench
        .call(
            "delete_customized_logging_level",
            json!({"level_name": "Errors"}),
        )
        .await
        .unwrap();
    let task = bench.lease(id, ANNA).await.unwrap();
    assert_eq!(task.logging_level, LoggingLevel::Customized);
    let expected = CustomizedLevel {
        name: "Errors".into(),
        profile: 2,
        events: 256,
    };
    assert_eq!(task.customized_level, Some(expected));
    let values = bench
        .view(
            "execution_parameter_values",
            &[("parameter_name", "CUSTOMIZED_LOGGING_LEVEL")],
        )
        .await;
    assert_eq!(values[0]["parameter_value"], "Errors", "as it is spelt");
}

async fn level_100_needs_a_name_for_an_execution_and_for_the_server(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    let missing = json!({"execution_id": id, "object_type": 50, "parameter_name": "CUSTOMIZED_LOGGING_LEVEL", "parameter_value": "mine"});
    assert_eq!(
        bench
            .refusal("set_execution_parameter_value", missing)
            .await,
        "SO7140"
    );
    option(&bench, id, "LOGGING_LEVEL", json!(100)).await;
    assert_eq!(
        bench
            .refusal("start_execution", json!({"execution_id": id}))
            .await,
        "SO7143"
    );

    let set = |name: &str, value: &str| json!({"property_name": name, "property_value": value});
    let level_100 = set("SERVER_LOGGING_LEVEL", "100");
    assert_eq!(
        bench.refusal("configure_catalog", level_100.clone()).await,
        "SO7143"
    );
    let named = set("SERVER_CUSTOMIZED_LOGGING_LEVEL", "mine");
    assert_eq!(
        bench.refusal("configure_catalog", named.clone()).await,
        "SO7140"
    );
    level(&bench, "Mine", 0, 256).await;
    bench.call("configure_catalog", named).await.unwrap();
    bench.call("configure_catalog", level_100).await.unwrap();
    let empty = set("SERVER_CUSTOMIZED_LOGGING_LEVEL", "");
    assert_eq!(bench.refusal("configure_catalog", empty).await, "SO7143");
    let delete = json!({"level_name": "mine"});
    assert_eq!(
        bench
            .refusal("delete_customized_logging_level", delete)
            .await,
        "SO7144"
    );
    let rename = json!({"old_name": "mine", "new_name": "Ours"});
    bench
        .call("rename_customized_logging_level", rename)
        .await
        .unwrap();

    // New executions log at the server's level.
    bench.worker(ANNA).await;
    let id = bench.create(json!({})).await.unwrap();
    bench.start(id).await.unwrap();
    let task = bench.lease(id, ANNA).await.unwrap();
    assert_eq!(task.customized_level.unwrap().name, "Ours");
}

async fn a_customized_level_with_volume_keeps_each_step(on: Database) {
    for (profile, steps) in [(2, 1), (5, 0)] {
        let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
        bench.worker(ANNA).await;
        level(&bench, "mine", profile, 0).await;
        let id = bench.create(json!({})).await.unwrap();
        option(&bench, id, "LOGGING_LEVEL", json!(100)).await;
        option(&bench, id, "CUSTOMIZED_LOGGING_LEVEL", json!("mine")).await;
        bench.start(id).await.unwrap();
        bench.lease(id, ANNA).await.unwrap();
        let rows = EventBody::DataStatistics(DataStatistics {
            package_name: "a.dtsx".into(),
            task_name: "Load".into(),
            execution_path: r"\Package\Load".into(),
            path_id: "p".into(),
            path_name: "p".into(),
            source_component: "Read".into(),
            destination_component: "Write".into(),
            into_destination: true,
            rows_sent: 5,
        });
        said(&bench, id, vec![rows]).await;
        assert_eq!(
            bench.view("execution_data_statistics", &[]).await.len(),
            steps,
            "{profile}"
        );
    }
}

fn tap(id: i64, path: &str, file: &str) -> Value {
    json!({"execution_id": id, "task_package_path": r"\Package\Load", "dataflow_path_id_string": path, "data_filename": file})
}

async fn taps_reach_the_worker_in_their_order(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let id = bench.create(json!({})).await.unwrap();
    let mut first = tap(id, "Paths[a]", "a.csv");
    first["max_rows"] = json!(10);
    let first = bench.call("add_data_tap", first).await.unwrap();
    let guid = Uuid::from_u128(7);
    let by_guid = json!({"execution_id": id, "dataflow_task_guid": guid, "dataflow_path_id_string": "Paths[a]", "data_filename": "b.csv"});
    bench.call("add_data_tap_by_guid", by_guid).await.unwrap();
    let third = bench
        .call("add_data_tap", tap(id, "Paths[c]", "c.csv"))
        .await
        .unwrap();
    let row = &bench
        .view("execution_data_taps", &[("execution_id", &id.to_string())])
        .await[0];
    assert_eq!(row["data_tap_id"], first.outputs["@data_tap_id"]);
    assert_eq!(row["package_path"], r"\Package\Load");
    assert_eq!(row["dataflow_path_id_string"], "Paths[a]");
    assert_eq!(
        (&row["max_rows"], &row["filename"]),
        (&json!(10), &json!("a.csv"))
    );
    let remove = json!({"data_tap_id": third.outputs["@data_tap_id"]});
    bench.call("remove_data_tap", remove).await.unwrap();
    bench.start(id).await.unwrap();
    let task = bench.lease(id, ANNA).await.unwrap();
    assert_eq!(
        task.data_taps,
        [
            DataTap {
                task: TappedTask::PackagePath(r"\Package\Load".into()),
                path_id: "Paths[a]".into(),
                file_name: "a.csv".into(),
                max_rows: Some(10),
            },
            DataTap {
                task: TappedTask::Guid(guid),
                path_id: "Paths[a]".into(),
                file_name: "b.csv".into(),
                max_rows: None,
            },
        ]
    );
}

async fn each_condition_of_a_tap_refuses(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    let added = bench
        .call("add_data_tap", tap(id, "p", "a.csv"))
        .await
        .unwrap();
    let mut rows = tap(id, "q", "b.csv");
    rows["max_rows"] = json!(-1);
    for (arguments, code) in [
        (tap(id, "p", "b.csv"), "SO7145"),
        (tap(id, "q", "A.CSV"), "SO7148"),
        (tap(id, "q", "../b.csv"), "SO7148"),
        (rows, "SO7147"),
        (tap(999, "q", "b.csv"), "SO7020"),
    ] {
        assert_eq!(
            bench.refusal("add_data_tap", arguments.clone()).await,
            code,
            "{arguments}"
        );
    }
    let tap_id = added.outputs["@data_tap_id"].clone();
    let other = Caller::new("other", Role::ClusterExecutor);
    let remove = json!({"data_tap_id": tap_id});
    let refused = bench
        .call_as(&other, "remove_data_tap", remove.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "SO7146");
    let refused = bench
        .call_as(&other, "add_data_tap", tap(id, "q", "b.csv"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "SO7020");
    assert_eq!(
        bench
            .refusal("remove_data_tap", json!({"data_tap_id": 999}))
            .await,
        "SO7146"
    );
    bench.start(id).await.unwrap();
    assert_eq!(bench.refusal("remove_data_tap", remove).await, "SO7149");
    let late = bench
        .call("add_data_tap", tap(id, "q", "b.csv"))
        .await
        .unwrap_err();
    assert_eq!((late.code(), late.number()), ("SO7149", Some(27212)));
}

async fn dump_options_reach_the_worker(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    for (on_event, codes) in [(false, vec![]), (true, vec![0xC020_2009, 0xC004_7062])] {
        let id = bench.create(json!({})).await.unwrap();
        option(&bench, id, "DUMP_ON_ERROR", json!(true)).await;
        option(&bench, id, "DUMP_ON_EVENT", json!(on_event)).await;
        option(
            &bench,
            id,
            "DUMP_EVENT_CODE",
            json!("0xC0202009;0xC0047062"),
        )
        .await;
        option(&bench, id, "CALLER_INFO", json!("job 7")).await;
        bench.start(id).await.unwrap();
        let task = bench.lease(id, ANNA).await.unwrap();
        assert!(task.dump_on_error);
        assert_eq!(task.dump_on_codes, codes);
        bench.finish(ANNA, key(id, 1), PackageResult::Success).await;
    }
}

async fn running(on: Database) -> (Bench, i64) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    (bench, id)
}

async fn beat(bench: &Bench, id: i64, counters: Vec<AttemptCounters>) -> TaskHeartbeatReply {
    let beat = TaskHeartbeat {
        running: vec![key(id, 1)],
        lease_ms: 60_000,
        process_ids: vec![1],
        counters,
        began: Vec::new(),
    };
    let until = bench.in_seconds(60);
    bench
        .catalog
        .renew_leases(ANNA, &beat, until)
        .await
        .unwrap()
}

async fn said(bench: &Bench, id: i64, bodies: Vec<EventBody>) {
    let events = (1..).zip(bodies).map(|(sequence, body)| Event {
        sequence,
        time: bench.in_seconds(0),
        body,
    });
    let batch = LogBatch {
        attempt: key(id, 1),
        events: events.collect(),
    };
    bench.catalog.append_events(ANNA, &batch).await.unwrap();
}

fn written(dump_id: Uuid, error: Option<&str>) -> EventBody {
    EventBody::Dumped(DumpNote {
        dump_id,
        path: "/srv/ErrorDumps/x.zip".into(),
        error: error.map(str::to_owned),
    })
}

async fn a_dump_is_asked_for_once_and_recorded_when_it_was_written(on: Database) {
    let (bench, id) = running(on).await;
    let dump = json!({"execution_id": id});
    let runner = Caller::new("runner", Role::ClusterExecutor);
    let refused = bench
        .call_as(&runner, "create_execution_dump", dump.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "SO7010");
    let created = bench.create(json!({})).await.unwrap();
    let early = bench
        .call("create_execution_dump", json!({"execution_id": created}))
        .await
        .unwrap_err();
    assert_eq!((early.code(), early.number()), ("SO7150", Some(27218)));
    assert_eq!(
        bench
            .refusal("create_execution_dump", json!({"execution_id": 999}))
            .await,
        "SO7020"
    );

    assert!(beat(&bench, id, Vec::new()).await.dumps.is_empty());
    let mut changes = bench.catalog.changes();
    changes.mark_unchanged();
    bench
        .call("create_execution_dump", dump.clone())
        .await
        .unwrap();
    assert!(changes.has_changed().unwrap());
    assert_eq!(
        bench.refusal("create_execution_dump", dump.clone()).await,
        "SO7151"
    );
    let asked = beat(&bench, id, Vec::new()).await.dumps;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].attempt, key(id, 1));
    assert_eq!(bench.execution(id, "dump_id").await, Value::Null);
    said(&bench, id, vec![written(asked[0].dump_id, None)]).await;
    assert!(beat(&bench, id, Vec::new()).await.dumps.is_empty());
    let dump_id = asked[0].dump_id.to_string();
    assert_eq!(bench.execution(id, "dump_id").await, dump_id);
    let messages = bench
        .view("operation_messages", &[("operation_id", &id.to_string())])
        .await;
    let texts: Vec<&str> = messages
        .iter()
        .map(|row| row["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        [
            format!("admin asks the worker for dump {dump_id}."),
            format!("Dump {dump_id} was written on the worker: /srv/ErrorDumps/x.zip"),
        ]
    );
    bench.call("create_execution_dump", dump).await.unwrap();
}

async fn a_dump_that_could_not_be_written_can_be_asked_for_again(on: Database) {
    let (bench, id) = running(on).await;
    let dump = json!({"execution_id": id});
    bench
        .call("create_execution_dump", dump.clone())
        .await
        .unwrap();
    let asked = beat(&bench, id, Vec::new()).await.dumps[0];
    said(&bench, id, vec![written(asked.dump_id, Some("no room"))]).await;
    assert_eq!(bench.execution(id, "dump_id").await, Value::Null);
    let warnings = bench
        .view("operation_messages", &[("message_type", "110")])
        .await;
    assert!(
        warnings[0]["message"]
            .as_str()
            .unwrap()
            .ends_with("no room")
    );
    bench
        .call("create_execution_dump", dump.clone())
        .await
        .unwrap();

    // One that an ended attempt never wrote is forgotten.
    let complete = scaleout_core::protocol::worker::Complete {
        attempt: key(id, 1),
        outcome: scaleout_core::protocol::worker::AttemptOutcome::Ran {
            result: PackageResult::Success,
        },
        last_sequence: 1,
        events: Vec::new(),
        began: None,
        usage: None,
        left_out: 0,
    };
    bench.catalog.complete(ANNA, &complete).await.unwrap();
    assert_eq!(bench.refusal("create_execution_dump", dump).await, "SO7150");
}

async fn counters_are_those_of_running_executions(on: Database) {
    let (bench, id) = running(on).await;
    let told = |rows: i64| {
        vec![AttemptCounters {
            attempt: key(id, 1),
            counters: vec![
                Counter {
                    name: "Rows read".into(),
                    value: rows,
                },
                Counter {
                    name: "Buffer memory".into(),
                    value: 7,
                },
            ],
        }]
    };
    let all = json!({});
    let one = json!({"execution_id": id});
    beat(&bench, id, told(1)).await;
    beat(&bench, id, told(2)).await;
    // A beat without figures leaves them.
    beat(&bench, id, Vec::new()).await;
    for arguments in [&all, &one] {
        let found = bench
            .call("dm_execution_performance_counters", arguments.clone())
            .await
            .unwrap();
        let expected = vec![
            vec![json!(id), json!("Buffer memory"), json!(7)],
            vec![json!(id), json!("Rows read"), json!(2)],
        ];
        assert_eq!(found.rows.unwrap().rows, expected);
    }
    let other = Caller::new("other", Role::ClusterExecutor);
    let none = bench
        .call_as(&other, "dm_execution_performance_counters", all.clone())
        .await
        .unwrap();
    assert!(none.rows.unwrap().rows.is_empty());
    let refused = bench
        .call_as(&other, "dm_execution_performance_counters", one.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "SO7020");
    let reader = bench.login("reader", Role::Public).await;
    bench.grant("reader", 4, id, 1).await;
    let seen = bench
        .call_as(&reader, "dm_execution_performance_counters", all.clone())
        .await
        .unwrap();
    assert_eq!(seen.rows.unwrap().rows.len(), 2);
    bench.finish(ANNA, key(id, 1), PackageResult::Success).await;
    let none = bench
        .call("dm_execution_performance_counters", all)
        .await
        .unwrap();
    assert!(none.rows.unwrap().rows.is_empty());
    assert_eq!(
        bench
            .refusal("dm_execution_performance_counters", one)
            .await,
        "SO7150"
    );
}

async fn a_message_keeps_its_context(on: Database) {
    let (bench, id) = running(on).await;
    let message = |text: &str, context: Vec<ContextEntry>| {
        EventBody::Message(EventMessage {
            event_name: "OnError".into(),
            message_type: 120,
            source_type: 40,
            message: text.into(),
            context,
            ..EventMessage::default()
        })
    };
    let entry = |depth, name: &str, value: &str| ContextEntry {
        depth,
        package_path: r"\Package".into(),
        context_type: 70,
        source_name: name.into(),
        source_id: "{7}".into(),
        property_name: "Value".into(),
        property_value: value.into(),
    };
    let context = vec![entry(1, "User::A", "5"), entry(2, "User::B", "nul\0")];
    said(
        &bench,
        id,
        vec![
            message("first", Vec::new()),
            message("second", context),
            message("third", Vec::new()),
        ],
    )
    .await;
    let messages = bench.view("event_messages", &[]).await;
    let texts: Vec<&Value> = messages.iter().map(|row| &row["message"]).collect();
    assert_eq!(texts, ["first", "second", "third"]);
    let rows = bench.view("event_message_context", &[]).await;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["Event_message_id"], messages[1]["Event_message_ID"]);
    assert!(rows[0]["event_message_guid"].is_string());
    assert_eq!(
        rows[0]["event_message_guid"],
        messages[1]["event_message_guid"]
    );
    assert_eq!(messages[0]["event_message_guid"], Value::Null);
    assert_eq!(rows[0]["Context_source_name"], "User::A");
    assert_eq!(rows[0]["Property_value"], "5");
    assert_eq!(rows[1]["Context_depth"], 2);
    assert_eq!(rows[1]["Property_value"], "nul\u{FFFD}");
    let nobody = Caller::new("nobody", Role::Public);
    assert!(
        bench
            .view_as(&nobody, "event_message_context", &[])
            .await
            .is_empty()
    );
    let reader = bench.login("reader", Role::Public).await;
    let message = rows[0]["Event_message_id"].to_string();
    let sees = async |equals: &[(&str, &str)]| {
        let found = bench.view_as(&reader, "event_message_context", equals);
        found.await.len()
    };
    assert_eq!(sees(&[]).await, 0);
    bench.grant("reader", 4, id, 1).await;
    assert_eq!(sees(&[]).await, 2);
    assert_eq!(sees(&[("Event_message_id", &message)]).await, 2);
    assert_eq!(
        bench
            .view_as(&admin(), "event_message_context", &[])
            .await
            .len(),
        2
    );
}
