//! Workers that drain, stop or are cut off: nothing is lost, nothing runs twice at once, and nothing
//! is called a failure.

use std::time::Duration;

use scaleout_agent::worker::{RunningWorker, Worker, WorkerOptions};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::{Arguments, ViewQuery};
use scaleout_core::settings::TimeSpan;
use serde_json::json;

use super::cut::Cut;
use super::lab::{Lab, certificate, gate, open, until};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);

/// How often an execution was handed back and lost.
async fn given_back_and_lost(lab: &Lab, id: i64) -> (i64, i64) {
    let query = ViewQuery {
        equals: vec![("execution_id".to_owned(), id.to_string())],
        ..ViewQuery::default()
    };
    let rows = lab.client().view("execution_report", &query).await.unwrap();
    let row = rows.iter().next().unwrap();
    (
        row.integer("handed_back_count").unwrap(),
        row.integer("lost_count").unwrap(),
    )
}

async fn until_said(lab: &Lab, id: i64, expected: &[&str]) {
    until("the package has said so", async || {
        let said = lab.said(id).await.ok()?;
        (said == expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_hands_back_what_it_runs_at_once() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (first, _) = lab.worker(1).await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    // Its lease would last for an hour.
    let (_second, _) = lab.worker(2).await;
    first.shutdown().await;
    until_said(&lab, id, &["before", "before"]).await;
    open(&gate).await;
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_eq!(execution.executed_count, 1);
    assert_eq!(given_back_and_lost(&lab, id).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_drains_lets_what_runs_end_and_takes_nothing_more() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (first, _) = lab.worker(1).await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    let drained = async {
        first.drain(LONG).await;
        first.shutdown().await;
    };
    let meanwhile = async {
        let next = lab.start("quick", &[], 0).await;
        open(&gate).await;
        next
    };
    let ((), next) = tokio::join!(drained, meanwhile);
    assert_eq!(lab.ended(id).await.status, OperationStatus::Succeeded);
    assert_eq!(given_back_and_lost(&lab, id).await, (0, 0));
    let waiting = lab.client().execution(next).await.unwrap();
    assert_eq!(waiting.status, OperationStatus::Pending);
    let (_second, _) = lab.worker(2).await;
    assert_eq!(lab.ended(next).await.status, OperationStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_worker_hands_back_at_the_deadline_and_stays() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (first, _) = lab.worker(1).await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    let (_second, _) = lab.worker(2).await;
    let drain = Arguments::from([
        ("WorkerAgentId".to_owned(), json!(first.id())),
        ("deadline_seconds".to_owned(), json!(1)),
    ]);
    lab.client()
        .call("drain_worker_agent", drain)
        .await
        .unwrap();
    until_said(&lab, id, &["before", "before"]).await;
    open(&gate).await;
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_ne!(execution.worker_agent_id, Some(first.id()));
    assert_eq!(given_back_and_lost(&lab, id).await, (1, 0));
    let messages = lab.messages("operation_messages", id).await.unwrap();
    let drained = messages.iter().find(|one| one.contains("it is drained"));
    assert!(drained.is_some(), "{messages:?}");
}

/// A worker whose way to the master can be cut, with a lease of 3 s.
async fn worker_behind(lab: &mut Lab, cut: &Cut, number: u128) -> (RunningWorker, WorkerOptions) {
    let issued = certificate(&["worker"]);
    lab.trust(&issued);
    let mut options = lab.worker_options(number, &issued);
    options.settings.master_endpoint = cut.endpoint();
    options.settings.lease_internval = TimeSpan::from_secs(3);
    options.settings.task_heartbeat_interval = TimeSpan::from_secs(1);
    let worker = Worker::start(options.clone()).await.unwrap();
    lab.enable(worker.id()).await;
    (worker, options)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_cut_off_ends_its_packages_when_their_leases_end() {
    let mut lab = Lab::new().await;
    let cut = Cut::before(&lab.endpoint()).await;
    let (_first, _) = worker_behind(&mut lab, &cut, 1).await;
    let id = lab.start("stubborn", &[], 0).await;
    lab.until_message(id, "running").await;
    let child = std::fs::read_to_string(lab.path("child")).unwrap();
    let child: u32 = child.trim().parse().unwrap();
    cut.cut();
    until(
        "the package of the worker that is cut off has ended",
        async || (!is_alive(child)).then_some(()),
    )
    .await;
    let (second, _) = lab.worker(2).await;
    until_said(&lab, id, &["running", "running"]).await;
    assert_eq!(given_back_and_lost(&lab, id).await, (0, 1));
    // Whatever the first one says when it is back changes nothing.
    cut.mend();
    lab.client().stop(id).await.unwrap();
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Canceled);
    assert_eq!(execution.worker_agent_id, Some(second.id()));
    assert_eq!(given_back_and_lost(&lab, id).await, (0, 1));
}

/// Whether a process is there and no zombie.
fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
