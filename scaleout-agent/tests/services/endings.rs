//! Ways in which a package ends other than well.

use scaleout_core::model::OperationStatus;

use super::lab::{Lab, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_retried_as_often_as_asked() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab.worker(1).await;
    let id = lab.start("fails", &[], 2).await;
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Failed);
    assert_eq!(execution.executed_count, 3);
    let messages = lab.said(id).await.unwrap();
    assert_eq!(messages, ["alas", "alas", "alas"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_obeys_is_canceled() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab.worker(1).await;
    let id = lab.start("obeys", &[], 0).await;
    lab.until_message(id, "running").await;
    lab.client().stop(id).await.unwrap();
    assert_eq!(lab.ended(id).await.status, OperationStatus::Canceled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_does_not_obey_is_killed_with_all_it_started() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab.worker(1).await;
    let id = lab.start("stubborn", &[], 0).await;
    lab.until_message(id, "running").await;
    let child: u32 = std::fs::read_to_string(lab.path("child"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(is_alive(child));
    lab.client().stop(id).await.unwrap();
    assert_eq!(lab.ended(id).await.status, OperationStatus::Canceled);
    until("the package's own process is gone", async || {
        (!is_alive(child)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_executor_is_reported_with_its_last_words() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab.worker(1).await;
    let id = lab.start("crash", &[], 0).await;
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::EndedUnexpectedly);
    let messages = lab.messages("operation_messages", id).await.unwrap();
    let reason = messages.iter().find(|one| one.contains("SO1305")).unwrap();
    assert!(reason.contains("was killed by SIGKILL"), "{reason}");
    assert!(reason.contains("out of luck"), "{reason}");
    let events = lab.said(id).await.unwrap();
    assert!(events.iter().any(|one| one == "still-well"), "{events:?}");
    // The worker is none the worse for it.
    let next = lab.start("quick", &[], 0).await;
    assert_eq!(lab.ended(next).await.status, OperationStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_babbles_is_replaced() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab.worker(1).await;
    let id = lab.start("babble", &[], 0).await;
    assert_eq!(
        lab.ended(id).await.status,
        OperationStatus::EndedUnexpectedly
    );
    let messages = lab.messages("operation_messages", id).await.unwrap();
    assert!(
        messages.iter().any(|one| one.contains("SO1306")),
        "{messages:?}"
    );
    let next = lab.start("quick", &[], 0).await;
    assert_eq!(lab.ended(next).await.status, OperationStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_cannot_run_a_package_says_why() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab.worker(1).await;
    let id = lab.start("unreadable", &[], 0).await;
    assert_eq!(
        lab.ended(id).await.status,
        OperationStatus::EndedUnexpectedly
    );
    let messages = lab.messages("operation_messages", id).await.unwrap();
    let reason = "SO4014: the file cannot be read; run it again";
    assert!(
        messages.iter().any(|one| one.contains(reason)),
        "{messages:?}"
    );
}

/// Whether a process is there and no zombie.
fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
