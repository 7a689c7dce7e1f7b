//! Running one package of a project that is already in memory: tests, and a run without a master.

use std::sync::Arc;

use scaleout_core::package::project::Project;
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::executor::{RunPackage, RuntimeSettings};
use scaleout_core::protocol::task::TaskDescription;

use super::redacted::Redacted;
use crate::run::{Host, StartError, check_package, run_package};
use crate::validation::Problem;

/// Runs a package with the values of a description, which also names it. Secrets are masked in
/// what it says.
///
/// # Errors
/// [`StartError`] when it could not be started.
pub fn run_local(
    project: &Arc<Project>,
    task: TaskDescription,
    settings: RuntimeSettings,
    host: Host,
) -> Result<PackageResult, StartError> {
    let host = masked(host, &task, project, &settings);
    run_package(&request(task, settings), project, host)
}

/// Validates a package in the same way, and runs nothing of it.
///
/// # Errors
/// [`StartError`] when it could not be started either.
pub fn check_local(
    project: &Arc<Project>,
    task: TaskDescription,
    settings: RuntimeSettings,
    host: Host,
) -> Result<Vec<Problem>, StartError> {
    let host = masked(host, &task, project, &settings);
    check_package(&request(task, settings), project, host)
}

fn masked(
    host: Host,
    task: &TaskDescription,
    project: &Project,
    settings: &RuntimeSettings,
) -> Host {
    let inner = Arc::clone(&host.sink);
    let sink = Arc::new(Redacted::new(inner, task, project, settings));
    Host { sink, ..host }
}

fn request(task: TaskDescription, settings: RuntimeSettings) -> RunPackage {
    RunPackage {
        task,
        project_file: std::path::PathBuf::new(),
        settings,
    }
}

/// An execution of a package in which nobody has set anything, at the Basic logging level.
#[must_use]
pub fn design_values(project_name: &str, package_name: &str) -> TaskDescription {
    TaskDescription {
        attempt: 1,
        project_name: project_name.to_owned(),
        package_name: package_name.to_owned(),
        logging_level: scaleout_core::model::LoggingLevel::Basic,
        ..TaskDescription::default()
    }
}
