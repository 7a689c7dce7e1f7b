//! Starts that must not be: named, and nothing half-done.

use jiff::SignedDuration;
use scaleout_agent::master::{Master, MasterError};
use scaleout_agent::worker::{Worker, WorkerError};
use scaleout_core::error::Explain as _;

use super::lab::{Lab, certificate, certificate_from};

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named_and_nothing_is_written() {
    let lab = Lab::new().await;
    let mut options = lab.master_options();
    options.data_dir = lab.path("second");
    let error = Master::start(options).await.unwrap_err();
    let port = lab.master.as_ref().unwrap().address().port();
    assert!(matches!(error, MasterError::PortInUse { .. }), "{error}");
    assert!(
        error.to_string().contains(&format!("port {port}")),
        "{error}"
    );
    assert!(error.hint().contains("--port"));
    assert_eq!(error.blame().exit_code(), 6);
    assert!(!lab.path("second").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_master_certificate_is_refused_at_the_start() {
    let lab = Lab::new().await;
    let old = certificate_from(&["localhost"], SignedDuration::from_hours(-24 * 10), 5);
    let mut options = lab.master_options();
    options.certificate = old.certificate;
    options.key = old.key;
    let error = Master::start(options).await.unwrap_err();
    assert_eq!(error.code(), "SO1006", "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_certificate_is_refused_at_the_start() {
    let lab = Lab::new().await;
    let mut options = lab.master_options();
    options.key = certificate(&["x"]).key;
    let error = Master::start(options).await.unwrap_err();
    assert!(matches!(error, MasterError::Key { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_identity_does_not_start() {
    let lab = Lab::new().await;
    let mut options = lab.worker_options(1, &certificate(&["w"]));
    options.settings.agent_id = None;
    let error = Worker::start(options).await.unwrap_err();
    assert!(matches!(error, WorkerError::NoAgentId), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_administrators_token_is_written_for_its_owner_alone_and_kept() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut lab = Lab::new().await;
    let path = lab.path("master").join("admin.token");
    let first = std::fs::read(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    lab.stop_master().await;
    lab.start_master().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), first);
    lab.client().registry().await.unwrap();
}
