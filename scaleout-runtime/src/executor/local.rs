//! Running one package of a project that is already in memory: tests, and a run without a master.

use std::sync::{Arc, Mutex, PoisonError};

use scaleout_core::package::project::Project;
use scaleout_core::protocol::event::{Event, EventBody, PackageResult};
use scaleout_core::protocol::executor::{RunPackage, RuntimeSettings};
use scaleout_core::protocol::task::TaskDescription;

use super::redacted::Redacted;
use crate::events::EventSink;
use crate::run::{Host, StartError, check_package, run_package};
use crate::services::Clock;
use crate::validation::Problem;
use crate::watch::Observer;

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
    let request = request(task, settings);
    host.observer.begin(&request, &host.sink);
    run_package(&request, project, host)
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
    let heard = Heard {
        inner: Arc::clone(&host.sink),
        observer: Arc::clone(&host.observer),
        clock: Arc::clone(&host.clock),
        next: Mutex::new(1),
    };
    let sink = Arc::new(Redacted::new(Arc::new(heard), task, project, settings));
    Host { sink, ..host }
}

/// Lets the observer know what was said, so that a dump has the last events.
struct Heard {
    inner: Arc<dyn EventSink>,
    observer: Arc<Observer>,
    clock: Arc<dyn Clock>,
    next: Mutex<u64>,
}

impl EventSink for Heard {
    fn emit(&self, body: EventBody) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        self.observer.heard(&Event {
            sequence: *next,
            time: self.clock.now(),
            body: body.clone(),
        });
        *next += 1;
        drop(next);
        self.inner.emit(body);
    }
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
