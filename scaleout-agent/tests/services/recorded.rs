//! Conversations that workers of each protocol version had with a master, word for word: a master of
//! today answers so that such a worker goes on.
//!
//! A file is never changed once a release speaks its version; a new version adds one. `$first` and
//! `$second` stand for executions, `"*"` for what may be anything; a step `start` says when one of them
//! was started, without which both were before. A worker reads past what it does not know, so an answer
//! may say more than was recorded. `protocol_1.json` was written by hand and has each message;
//! `protocol_1_captured.json` is what went between a worker and a master of an earlier build through a
//! proxy that had the keys of both: one package that ended well, and one whose executor was killed.

use std::path::Path;
use std::time::Duration;

use scaleout_core::client::ClientError;
use scaleout_core::model::OperationStatus;
use scaleout_core::protocol::PROTOCOL_VERSION;
use scaleout_core::registry::ViewQuery;
use serde_json::{Value, json};

use super::lab::{Lab, certificate, registration};

const LIMIT: Duration = Duration::from_secs(60);

fn conversation(name: &str) -> Vec<Value> {
    let file = format!("tests/services/recorded/{name}.json");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|_| panic!("no conversation `{name}` is recorded: {}", file.display()));
    serde_json::from_str(&text).unwrap()
}

/// What was recorded, about these executions.
fn about(recorded: &Value, first: i64, second: i64) -> Value {
    match recorded {
        Value::String(text) if text == "$first" => first.into(),
        Value::String(text) if text == "$second" => second.into(),
        Value::Array(items) => {
            let items = items.iter().map(|item| about(item, first, second));
            items.collect()
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), about(value, first, second)))
            .collect(),
        other => other.clone(),
    }
}

/// Where an answer is not as recorded.
fn difference(recorded: &Value, heard: &Value, place: &str) -> Option<String> {
    match (recorded, heard) {
        (Value::String(any), _) if any == "*" => heard.is_null().then(|| place.to_owned()),
        (Value::Object(fields), Value::Object(told)) => fields.iter().find_map(|(name, value)| {
            let place = format!("{place}.{name}");
            match told.get(name) {
                Some(told) => difference(value, told, &place),
                None => Some(place),
            }
        }),
        (Value::Array(items), Value::Array(told)) if items.len() == told.len() => {
            let pairs = items.iter().zip(told).enumerate();
            pairs
                .filter_map(|(at, (item, told))| difference(item, told, &format!("{place}[{at}]")))
                .next()
        }
        _ => (recorded != heard).then(|| place.to_owned()),
    }
}

#[test]
fn an_answer_may_say_more_and_not_less() {
    let recorded = json!({"a": [{"b": 1, "c": "*"}]});
    let same = |heard: Value| difference(&recorded, &heard, "");
    assert_eq!(same(json!({"a": [{"b": 1, "c": 7, "d": 2}], "e": 3})), None);
    assert_eq!(same(json!({"a": [{"b": 2, "c": 7}]})).unwrap(), ".a[0].b");
    assert_eq!(same(json!({"a": [{"b": 1}]})).unwrap(), ".a[0].c");
    assert_eq!(same(json!({"a": []})).unwrap(), ".a");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_every_protocol_version_is_understood() {
    for version in 1..=PROTOCOL_VERSION {
        replay(&format!("protocol_{version}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_of_an_earlier_build_sent_is_understood() {
    replay("protocol_1_captured").await;
}

/// What the events of an execution say in a conversation.
fn messages_of(conversation: &[Value], execution: &str) -> usize {
    let of_it = |say: &Value| say["attempt"]["execution_id"] == execution;
    let says = conversation.iter().map(|step| &step["say"]);
    let events = says
        .filter(|say| of_it(say))
        .filter_map(|say| say["events"].as_array());
    events
        .flatten()
        .filter(|event| event["type"] == "message")
        .count()
}

async fn replay(name: &str) {
    let mut lab = Lab::new().await;
    let mine = certificate(&["w"]);
    lab.trust(&mine);
    let transport = lab.transport(Some(&mine));
    // It is known and enabled; what is recorded begins with its next start.
    let me = registration(1);
    let path = |to: &str| format!("/ClusterManagement/v1/{to}");
    let known: Result<Value, ClientError> = transport.post(&path("register"), &me, LIMIT).await;
    known.unwrap();
    lab.enable(me.worker_agent_id).await;
    let conversation = conversation(name);
    let says_when = conversation.iter().any(|step| step.get("start").is_some());
    let (mut first, mut second) = (0, 0);
    if !says_when {
        first = lab.start("quick", &[], 0).await;
        second = lab.start("quick", &[], 0).await;
    }
    for (number, step) in conversation.iter().enumerate() {
        if let Some(which) = step["start"].as_str() {
            let id = lab.start("quick", &[], 0).await;
            match which {
                "$first" => first = id,
                "$second" => second = id,
                other => panic!("step {number} starts {other}"),
            }
            continue;
        }
        let to = step["to"].as_str().unwrap();
        let say = about(&step["say"], first, second);
        let heard: Result<Value, ClientError> = transport.post(&path(to), &say, LIMIT).await;
        let heard = heard.unwrap_or_else(|error| panic!("step {number}, {to}: {error}"));
        let wanted = about(&step["hear"], first, second);
        if let Some(place) = difference(&wanted, &heard, to) {
            panic!("{name}, step {number}: {place} is not as recorded in {heard:#}");
        }
    }
    assert_eq!(lab.ended(first).await.status, OperationStatus::Succeeded);
    let end = lab.ended(second).await.status;
    assert_eq!(end, OperationStatus::EndedUnexpectedly);
    let said = lab.said(first).await.unwrap();
    let recorded = messages_of(&conversation, "$first");
    assert!(0 < recorded);
    assert_eq!(said.len(), recorded, "{said:?}");
    let report = ViewQuery {
        equals: vec![("execution_id".to_owned(), first.to_string())],
        ..ViewQuery::default()
    };
    let report = lab
        .client()
        .view("execution_report", &report)
        .await
        .unwrap();
    let row = report.iter().next().unwrap();
    if !says_when {
        assert_eq!(row.text("outputs"), Some("warehouse: dbo.orders"));
    }
    assert_eq!(row.bit("log_complete"), Some(true));
}
