//! Masters and workers that go away in the middle.

use scaleout_agent::worker::Worker;
use scaleout_core::client::ClientError;
use scaleout_core::error::Explain as _;
use scaleout_core::model::OperationStatus;

use super::lab::{Lab, gate, open, spool_with_an_end, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_restarts_loses_nothing() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (_worker, options) = lab.worker(1).await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    let client = lab.client();
    lab.stop_master().await;
    let error = client.execution(id).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    assert_eq!(error.blame().exit_code(), 7);

    // The package goes on and ends while nobody listens.
    open(&gate).await;
    spool_with_an_end(&options, id).await;

    lab.start_master().await.unwrap();
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_eq!(execution.executed_count, 1);
    let messages = lab.said(id).await.unwrap();
    assert_eq!(messages, ["before", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_restarts_runs_its_execution_again_without_counting_a_failure() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (worker, options) = lab.worker(1).await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    worker.shutdown().await;
    let _again = Worker::start(options).await.unwrap();
    // The first attempt was killed at the gate; the second one waits there now.
    until("both attempts have come to the gate", async || {
        let messages = lab.said(id).await.ok()?;
        (messages == ["before", "before"]).then_some(())
    })
    .await;
    open(&gate).await;
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_eq!(execution.executed_count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_waited_on_disk_is_delivered_after_a_restart_of_the_worker() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (worker, options) = lab.worker(1).await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    lab.stop_master().await;
    open(&gate).await;
    let spool = spool_with_an_end(&options, id).await;
    worker.shutdown().await;
    assert!(spool.exists());
    lab.start_master().await.unwrap();
    let _again = Worker::start(options).await.unwrap();
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_eq!(execution.executed_count, 1);
    let messages = lab.said(id).await.unwrap();
    assert_eq!(messages, ["before", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_waits_for_a_master_that_is_not_there_yet() {
    let mut lab = Lab::new().await;
    let issued = super::lab::certificate(&["worker"]);
    lab.trust(&issued);
    lab.stop_master().await;
    let worker = Worker::start(lab.worker_options(1, &issued)).await.unwrap();
    lab.start_master().await.unwrap();
    lab.enable(worker.id()).await;
    let id = lab.start("quick", &[], 0).await;
    assert_eq!(lab.ended(id).await.status, OperationStatus::Succeeded);
}
