//! Packages whose worker has no room for what they say.

use std::path::Path;

use scaleout_agent::worker::Worker;
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;
use scaleout_core::settings::WorkerSettings;

use super::lab::{Lab, gate, open, spool_with_an_end_in, until};
use super::small_disk::SmallDisk;

fn on(disk: &SmallDisk) -> impl FnOnce(&mut WorkerSettings) {
    let folder = disk.path().display().to_string();
    |settings| settings.execution_log_cache_folder = folder
}

fn disk_or_skip(lab: &Lab) -> Option<SmallDisk> {
    let folder = lab.path("disk");
    std::fs::create_dir(&folder).unwrap();
    SmallDisk::mount_or_skip(&folder, "1m")
}

/// Makes room for everything that may wait.
fn grow(disk: &SmallDisk) {
    let grown = std::process::Command::new("mount")
        .args(["-o", "remount,size=30m"])
        .arg(disk.path())
        .status();
    assert!(grown.unwrap().success());
}

async fn has_flooded(folder: &Path) {
    until("the package has said everything", async || {
        folder.join("flooded").exists().then_some(())
    })
    .await;
}

/// What an execution says about what was left out, and whether its log counts as complete.
async fn gaps(lab: &Lab, id: i64) -> (Vec<String>, Option<bool>) {
    let mut warnings = lab.messages("event_messages", id).await.unwrap();
    warnings.retain(|text| text.starts_with("SO1309"));
    let query = ViewQuery {
        equals: vec![("execution_id".to_owned(), id.to_string())],
        ..ViewQuery::default()
    };
    let report = lab.client().view("execution_report", &query).await.unwrap();
    let is_complete = report.iter().next().unwrap().bit("log_complete");
    (warnings, is_complete)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_and_no_master_leave_out_the_least_and_end_no_package() {
    let mut lab = Lab::new().await;
    let Some(disk) = disk_or_skip(&lab) else {
        return;
    };
    let gate = gate(lab.folder.path());
    let (_worker, _) = lab.worker_with(1, on(&disk)).await;
    let id = lab.start("floods", &[], 0).await;
    lab.until_message(id, "before").await;
    lab.stop_master().await;
    disk.fill();
    open(&gate).await;
    has_flooded(lab.folder.path()).await;
    // The disk stays full: the end comes out of memory.
    lab.start_master().await.unwrap();
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_eq!(execution.executed_count, 1);
    let said = lab.said(id).await.unwrap();
    assert_eq!(said[..2], ["before", "word"]);
    let (warnings, is_complete) = gaps(&lab, id).await;
    let left_out = 12_001 - (said.len() - warnings.len());
    let told = format!("{left_out} of its events were left out ({left_out} OnInformation)");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(&told), "{told}: {warnings:?}");
    assert_eq!(said[said.len() - 2..], ["the worst", &warnings[0]]);
    assert_eq!(is_complete, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_room_again_the_spool_goes_on_and_outlives_its_worker() {
    let mut lab = Lab::new().await;
    let Some(disk) = disk_or_skip(&lab) else {
        return;
    };
    let gate = gate(lab.folder.path());
    let (worker, options) = lab.worker_with(1, on(&disk)).await;
    let id = lab.start("floods", &[], 0).await;
    lab.until_message(id, "before").await;
    lab.stop_master().await;
    disk.fill();
    open(&gate).await;
    has_flooded(lab.folder.path()).await;
    disk.free();
    grow(&disk);
    spool_with_an_end_in(disk.path(), id).await;
    worker.shutdown().await;
    lab.start_master().await.unwrap();
    let _again = Worker::start(options).await.unwrap();
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_eq!(execution.executed_count, 1, "it has not run again");
    let said = lab.said(id).await.unwrap();
    assert!(said.iter().any(|text| text == "the worst"));
    let (warnings, is_complete) = gaps(&lab, id).await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(is_complete, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_while_the_master_takes_it() {
    let mut lab = Lab::new().await;
    let Some(disk) = disk_or_skip(&lab) else {
        return;
    };
    disk.fill();
    let (_worker, _) = lab.worker_with(1, on(&disk)).await;
    let id = lab.start("quick", &[], 0).await;
    assert_eq!(lab.ended(id).await.status, OperationStatus::Succeeded);
    assert_eq!(lab.said(id).await.unwrap(), ["one", "two", "three"]);
    assert_eq!(gaps(&lab, id).await, (Vec::new(), Some(true)));
}
