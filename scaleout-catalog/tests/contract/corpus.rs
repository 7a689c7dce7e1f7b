//! Real project files, where they are at hand beside the repository.

use std::path::{Path, PathBuf};

use scaleout_core::package::ispac;
use serde_json::json;

use crate::databases::{Database, contract};
use crate::support::Bench;

contract![every_project_file_that_can_be_read_deploys,];

fn project_files() -> Vec<PathBuf> {
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    collect(&shared.join("corpus"), &mut found);
    if found.is_empty() {
        eprintln!(
            "skipped: no project files in {}",
            shared.join("corpus").display()
        );
    }
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "ispac")
        {
            found.push(path);
        }
    }
}

async fn every_project_file_that_can_be_read_deploys(on: Database) {
    let bench = Bench::open(on).await;
    bench
        .call("create_folder", json!({"folder_name": "f"}))
        .await
        .unwrap();
    for path in project_files() {
        let file = std::fs::read(&path).unwrap();
        let Ok(project) = ispac::read(&file, "project") else {
            continue;
        };
        let deployed = bench.deploy_bytes(&project.name, &file).await;
        assert!(deployed.is_ok(), "{}: {deployed:?}", path.display());
        let projects = bench.view("projects", &[("name", &project.name)]).await;
        let id = projects[0]["project_id"].to_string();
        let packages = bench.view("packages", &[("project_id", &id)]).await;
        assert_eq!(packages.len(), project.packages.len(), "{}", path.display());
    }
}
