//! Conversations that workers of each protocol version had with a master, word for word: a master of
//! today answers so that such a worker goes on.
//!
//! A file is never changed once a release speaks its version; a new version adds one. `$first` and
//! `$second` stand for executions, `"*"` for what may be anything. A worker reads past what it does
//! not know, so an answer may say more than was recorded.

use std::path::Path;
use std::time::Duration;

use scaleout_core::client::ClientError;
use scaleout_core::model::OperationStatus;
use scaleout_core::protocol::PROTOCOL_VERSION;
use scaleout_core::registry::ViewQuery;
use serde_json::{Value, json};

use super::lab::{Lab, certificate, registration};

const LIMIT: Duration = Duration::from_secs(60);

fn conversation(version: u32) -> Vec<Value> {
    let file = format!("tests/services/recorded/protocol_{version}.json");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| {
        panic!(
            "no conversation of protocol {version} is recorded: {}",
            file.display()
        )
    });
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
        replay(version).await;
    }
}

async fn replay(version: u32) {
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
    let first = lab.start("quick", &[], 0).await;
    let second = lab.start("quick", &[], 0).await;
    for (number, step) in conversation(version).iter().enumerate() {
        let to = step["to"].as_str().unwrap();
        let say = about(&step["say"], first, second);
        let heard: Result<Value, ClientError> = transport.post(&path(to), &say, LIMIT).await;
        let heard = heard.unwrap_or_else(|error| panic!("step {number}, {to}: {error}"));
        let wanted = about(&step["hear"], first, second);
        if let Some(place) = difference(&wanted, &heard, to) {
            panic!("protocol {version}, step {number}: {place} is not as recorded in {heard:#}");
        }
    }
    assert_eq!(lab.ended(first).await.status, OperationStatus::Succeeded);
    let end = lab.ended(second).await.status;
    assert_eq!(end, OperationStatus::EndedUnexpectedly);
    let said = lab.said(first).await.unwrap();
    assert_eq!(said.len(), 1, "{said:?}");
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
    assert_eq!(row.text("outputs"), Some("warehouse: dbo.orders"));
    assert_eq!(row.bit("log_complete"), Some(true));
}
