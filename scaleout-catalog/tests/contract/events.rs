//! Events: stored once, in order, shown by the views.

use jiff::Timestamp;
use scaleout_core::protocol::event::{
    ComponentPhase, DataStatistics, Event, EventBody, ExecutableStatistics, OutputNote,
    PackageResult,
};
use scaleout_core::protocol::worker::{AttemptOutcome, Complete, CompleteReply, LogBatch};
use serde_json::json;

use crate::databases::{Database, contract};
use crate::support::{ANNA, BERT, Bench, key, messages, package};

contract![
    a_batch_sent_again_is_stored_once,
    an_execution_ends_only_when_its_log_is_complete,
    nobody_writes_into_anothers_log,
    the_report_adds_up_rows_into_destinations_and_names_the_outputs,
    times_of_a_component_are_added_up_over_its_phases,
    verbose_keeps_each_step_of_the_data_flow,
    statistics_and_phases_have_their_views,
    a_log_with_a_nul_is_stored_with_a_mark_in_its_place,
];

pub async fn running(on: Database, level: i64) -> (Bench, i64) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let id = bench.create(json!({})).await.unwrap();
    let option = json!({"execution_id": id, "object_type": 50, "parameter_name": "LOGGING_LEVEL", "parameter_value": level});
    bench
        .call("set_execution_parameter_value", option)
        .await
        .unwrap();
    bench.start(id).await.unwrap();
    bench.lease(id, ANNA).await.unwrap();
    (bench, id)
}

async fn a_batch_sent_again_is_stored_once(on: Database) {
    let (bench, id) = running(on, 1).await;
    for (from, to, durable) in [(1, 3, 3), (1, 3, 3), (2, 5, 5), (7, 8, 5), (6, 6, 6)] {
        let batch = messages(key(id, 1), from, to);
        let reply = bench.catalog.append_events(ANNA, &batch).await.unwrap();
        assert_eq!(reply.durable_through, durable, "{from}..={to}");
    }
    let rows = bench
        .view("event_messages", &[("operation_id", &id.to_string())])
        .await;
    let texts: Vec<_> = rows
        .iter()
        .map(|row| row["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        [
            "message 1",
            "message 2",
            "message 3",
            "message 4",
            "message 5",
            "message 6"
        ]
    );
    assert_eq!(rows[0]["Message_source_name"], "task");
    assert_eq!(bench.view("operation_messages", &[]).await.len(), 6);
}

async fn an_execution_ends_only_when_its_log_is_complete(on: Database) {
    let (bench, id) = running(on, 1).await;
    let complete = Complete {
        attempt: key(id, 1),
        outcome: AttemptOutcome::Ran {
            result: PackageResult::Success,
        },
        last_sequence: 2,
        events: Vec::new(),
        began: None,
        usage: None,
        left_out: 0,
    };
    bench
        .catalog
        .append_events(ANNA, &messages(key(id, 1), 1, 1))
        .await
        .unwrap();
    assert_eq!(
        bench.catalog.complete(ANNA, &complete).await.unwrap(),
        CompleteReply::LogIncomplete
    );
    assert_eq!(bench.execution(id, "status").await, 2);
    bench
        .catalog
        .append_events(ANNA, &messages(key(id, 1), 2, 2))
        .await
        .unwrap();
    assert_eq!(
        bench.catalog.complete(ANNA, &complete).await.unwrap(),
        CompleteReply::Accepted
    );
    // Late repetitions are answered, news are refused.
    let again = bench
        .catalog
        .append_events(ANNA, &messages(key(id, 1), 1, 2))
        .await
        .unwrap();
    assert_eq!(again.durable_through, 2);
    assert!(
        bench
            .catalog
            .append_events(ANNA, &messages(key(id, 1), 3, 3))
            .await
            .is_err()
    );
}

async fn nobody_writes_into_anothers_log(on: Database) {
    let (bench, id) = running(on, 1).await;
    bench.worker(BERT).await;
    for attempt in [key(id, 1), key(id, 2), key(999, 1)] {
        assert!(
            bench
                .catalog
                .append_events(BERT, &messages(attempt, 1, 1))
                .await
                .is_err()
        );
    }
    assert!(bench.view("operation_messages", &[]).await.is_empty());
}

pub fn batch(id: i64, bodies: Vec<EventBody>) -> LogBatch {
    let events = (1..)
        .zip(bodies)
        .map(|(sequence, body)| Event {
            sequence,
            time: Timestamp::UNIX_EPOCH,
            body,
        })
        .collect();
    LogBatch {
        attempt: key(id, 1),
        events,
    }
}

pub fn rows_sent(rows: u64, into_destination: bool, path: &str) -> EventBody {
    EventBody::DataStatistics(DataStatistics {
        package_name: "a.dtsx".into(),
        task_name: "flow".into(),
        execution_path: r"\a\flow".into(),
        path_id: path.into(),
        path_name: path.into(),
        source_component: "source".into(),
        destination_component: "target".into(),
        into_destination,
        rows_sent: rows,
    })
}

async fn the_report_adds_up_rows_into_destinations_and_names_the_outputs(on: Database) {
    let (bench, id) = running(on, 1).await;
    let output = |target: &str| {
        EventBody::Output(OutputNote {
            component: "out".into(),
            target: target.into(),
        })
    };
    let bodies = vec![
        rows_sent(10, true, "x"),
        rows_sent(25, true, "x"),
        rows_sent(5, true, "y"),
        rows_sent(99, false, "z"),
        output("/tmp/b.csv"),
        output("/tmp/a.csv"),
        output("/tmp/b.csv"),
    ];
    bench
        .catalog
        .append_events(ANNA, &batch(id, bodies))
        .await
        .unwrap();
    let report = &bench.view("execution_report", &[]).await[0];
    assert_eq!(report["rows"], 30);
    assert_eq!(report["outputs"], "/tmp/a.csv; /tmp/b.csv");
    assert_eq!(bench.view("execution_outputs", &[]).await.len(), 2);
    assert!(
        bench
            .view("execution_data_statistics", &[])
            .await
            .is_empty(),
        "Verbose only"
    );
}

async fn times_of_a_component_are_added_up_over_its_phases(on: Database) {
    let (bench, id) = running(on, 1).await;
    let phase = |name: &str, start: i64, end: i64, active_us: u64| {
        let EventBody::ComponentPhase(phase) = phase() else {
            unreachable!("it is a phase");
        };
        EventBody::ComponentPhase(ComponentPhase {
            phase: name.into(),
            start_time: time(start),
            end_time: time(end),
            active_us,
            ..phase
        })
    };
    let bodies = vec![
        phase("PreExecute", 10, 11, 1500),
        phase("PrimeOutput", 12, 17, 2_000_000),
    ];
    bench
        .catalog
        .append_events(ANNA, &batch(id, bodies))
        .await
        .unwrap();
    let times = bench.view("execution_component_times", &[]).await;
    assert_eq!(times.len(), 1);
    assert_eq!(times[0]["active_ms"], 2001);
    assert_eq!(times[0]["total_ms"], 7000);
}

async fn verbose_keeps_each_step_of_the_data_flow(on: Database) {
    let (bench, id) = running(on, 3).await;
    let bodies = vec![rows_sent(10, true, "x"), rows_sent(25, true, "x")];
    bench
        .catalog
        .append_events(ANNA, &batch(id, bodies))
        .await
        .unwrap();
    let steps = bench.view("execution_data_statistics", &[]).await;
    let sent: Vec<_> = steps
        .iter()
        .map(|row| row["rows_sent"].as_i64().unwrap())
        .collect();
    assert_eq!(sent, [10, 15]);
}

async fn statistics_and_phases_have_their_views(on: Database) {
    let (bench, id) = running(on, 2).await;
    let bodies = vec![
        ended(r"\a\loop[1]\task"),
        ended(r"\a\loop[2]\task"),
        phase(),
    ];
    bench
        .catalog
        .append_events(ANNA, &batch(id, bodies))
        .await
        .unwrap();
    let rows = bench
        .view(
            "executable_statistics",
            &[("execution_id", &id.to_string())],
        )
        .await;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["Executable_id"], rows[1]["Executable_id"]);
    assert_eq!(rows[0]["Execution_duration"], 2000);
    assert_eq!(rows[0]["Execution_value"], "7");
    assert_eq!(
        bench
            .view("execution_component_phases", &[("phase", "preexecute")])
            .await
            .len(),
        1
    );
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The end of a task at this path.
pub fn ended(path: &str) -> EventBody {
    EventBody::ExecutableEnded(ExecutableStatistics {
        executable_name: "task".into(),
        executable_guid: "{1}".into(),
        package_name: "a.dtsx".into(),
        package_path: r"\Package\task".into(),
        execution_path: path.into(),
        start_time: time(10),
        end_time: time(12),
        execution_result: 0,
        execution_value: Some("7".into()),
    })
}

/// A phase of a data flow component.
pub fn phase() -> EventBody {
    EventBody::ComponentPhase(ComponentPhase {
        package_name: "a.dtsx".into(),
        task_name: "flow".into(),
        subcomponent_name: "source".into(),
        phase: "PreExecute".into(),
        start_time: time(10),
        end_time: time(11),
        execution_path: r"\a\flow".into(),
        active_us: 5,
    })
}

async fn a_log_with_a_nul_is_stored_with_a_mark_in_its_place(on: Database) {
    let (bench, id) = running(on, 1).await;
    let mut batch = messages(key(id, 1), 1, 1);
    if let EventBody::Message(message) = &mut batch.events[0].body {
        message.message = "row 7: `a\0b`".into();
    }
    bench.catalog.append_events(ANNA, &batch).await.unwrap();
    let rows = bench.view("operation_messages", &[]).await;
    assert_eq!(rows[0]["message"], "row 7: `a\u{FFFD}b`");
}
