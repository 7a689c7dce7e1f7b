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

#[tokio::test(flavor = "multi_thread")]
async fn the_first_password_is_written_once_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut lab = Lab::new().await;
    let path = lab.path("master").join("admin.password");
    let first = std::fs::read(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let master = lab.master.as_ref().unwrap();
    assert_eq!(master.first_password_path(), Some(path.as_path()));
    lab.stop_master().await;
    std::fs::remove_file(&path).unwrap();
    lab.start_master().await.unwrap();
    assert!(
        !path.exists(),
        "a password that is there is not written again"
    );
    assert_eq!(lab.master.as_ref().unwrap().first_password_path(), None);
    assert_eq!(first.len(), 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_of_another_catalog_is_made_anew() {
    let mut lab = Lab::new().await;
    let path = lab.path("master").join("admin.token");
    lab.stop_master().await;
    std::fs::write(&path, "of another catalog").unwrap();
    lab.start_master().await.unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), b"of another catalog");
    lab.client().registry().await.unwrap();
}
