//! Packages that run, where and how they should.

use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;
use uuid::Uuid;

use super::lab::{Lab, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_package_runs_from_lease_to_report() {
    let mut lab = Lab::new().await;
    let (worker, options) = lab.worker(1).await;
    let id = lab.start("quick", &[], 0).await;
    let (messages, states) = lab.followed(id).await;
    assert_eq!(messages, ["one", "two", "three"]);
    assert_eq!(states.last(), Some(&OperationStatus::Succeeded));
    let execution = lab.ended(id).await;
    assert_eq!(execution.worker_agent_id, Some(worker.id()));
    assert_eq!(execution.executed_count, 1);
    let spools = options.data_dir.join("spool");
    until("the spool is gone", async || {
        let files = std::fs::read_dir(&spools).unwrap().flatten();
        let mut endings = files.map(|file| file.path().extension().map(ToOwned::to_owned));
        (!endings.any(|ending| ending.is_some_and(|ending| ending == "spool"))).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_warm_executor_runs_package_after_package() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab.worker(1).await;
    let mut processes = Vec::new();
    for _ in 0..3 {
        let id = lab.start("quick", &[], 0).await;
        assert_eq!(lab.ended(id).await.status, OperationStatus::Succeeded);
        processes.push(children_of_this_process("executor.sh", lab.folder.path()));
    }
    assert_eq!(processes[0].len(), 1);
    assert!(processes.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_file_that_was_damaged_is_fetched_again() {
    let mut lab = Lab::new().await;
    let (_worker, options) = lab.worker(1).await;
    let id = lab.start("quick", &[], 0).await;
    assert_eq!(lab.ended(id).await.status, OperationStatus::Succeeded);
    let projects = std::fs::read_dir(options.data_dir.join("projects")).unwrap();
    let files: Vec<_> = projects.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let before = std::fs::read(&files[0]).unwrap();
    std::fs::write(&files[0], "damaged").unwrap();
    let id = lab.start("quick", &[], 0).await;
    assert_eq!(lab.ended(id).await.status, OperationStatus::Succeeded);
    assert_eq!(std::fs::read(&files[0]).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_worker_gets_its_execution() {
    let mut lab = Lab::new().await;
    let (_first, _) = lab.worker(1).await;
    let (second, _) = lab.worker(2).await;
    for _ in 0..3 {
        let id = lab.start("quick", &[second.id()], 0).await;
        assert_eq!(lab.ended(id).await.worker_agent_id, Some(second.id()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_tells_about_itself() {
    let lab = Lab::new().await;
    let query = ViewQuery::default();
    let rows = lab
        .client()
        .view("master_properties", &query)
        .await
        .unwrap();
    let value = |name: &str| {
        let row = rows
            .iter()
            .find(|row| row.text("property_name") == Some(name));
        row.and_then(|row| row.text("property_value").map(str::to_owned))
    };
    let port = lab.master.as_ref().unwrap().address().port();
    assert_eq!(
        value("MASTER_ADDRESS"),
        Some(format!("https://localhost:{port}"))
    );
    assert_eq!(
        value("SSLCERT_THUMBPRINT"),
        Some(lab.certificate.certificate.thumbprint().to_string())
    );
    assert!(value("LAST_ONLINE_TIME").is_some());
    assert!(value("MACHINE_NAME").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_worker_cannot_be_named() {
    let lab = Lab::new().await;
    let unknown = Uuid::from_u128(99);
    let client = lab.client();
    let arguments = scaleout_core::registry::Arguments::from([(
        "WorkerAgentId".to_owned(),
        serde_json::json!(unknown),
    )]);
    let error = client
        .call("enable_worker_agent", arguments)
        .await
        .unwrap_err();
    assert!(error.to_string().contains(&unknown.to_string()), "{error}");
}

/// Processes that were started with both texts in their command lines.
fn children_of_this_process(script: &str, folder: &std::path::Path) -> Vec<u32> {
    let folder = folder.to_str().unwrap();
    let mut found: Vec<u32> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            // A process that has ended meanwhile has no command line.
            let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).into_owned();
            command.contains(script) && command.contains(folder)
        })
        .collect();
    found.sort_unstable();
    found
}
