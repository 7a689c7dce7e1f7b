//! Validation instead of a run: packages, each with one set of values.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scaleout_core::model::customized_level::events_mask;
use scaleout_core::model::{CustomizedLevel, LoggingLevel};
use scaleout_core::package::project::Project;
use scaleout_core::protocol::event::{EventBody, PackageResult, PartResult};
use scaleout_core::protocol::executor::RunPackage;
use scaleout_core::protocol::task::{TaskDescription, Validation, ValidationPart};

use super::host::Host;
use super::refusal::refused;
use super::reporter::Reporter;
use super::start::{Order, prepare};
use super::validate::{Depth, coded, validate};
use crate::events::{EventSink, Events as _};
use crate::settle::parameters::Missing;
use crate::validation::Problem;

/// What a validation says: what is wrong, and nothing of its own progress.
const SAID: [&str; 3] = ["OnError", "OnWarning", "OnInformation"];

/// Validates every part and says what is wrong. Success means that all of them can run.
#[must_use]
pub fn validate_parts(
    request: &RunPackage,
    validation: &Validation,
    project: &Arc<Project>,
    host: &Host,
) -> PackageResult {
    let mut all_valid = true;
    for part in &validation.parts {
        if host.cancel.is_canceled() {
            return PackageResult::Canceled;
        }
        let start_time = host.clock.now();
        let valid = validate_part(request, part, project, host);
        if host.cancel.is_canceled() {
            return PackageResult::Canceled;
        }
        all_valid &= valid;
        host.sink.emit(EventBody::Validated(PartResult {
            part: part.part,
            valid,
            start_time,
            end_time: host.clock.now(),
        }));
    }
    match all_valid {
        true => PackageResult::Success,
        false => PackageResult::Failure,
    }
}

/// Whether a package can run. What has no value is not its fault: the catalog has said so.
fn validate_part(
    request: &RunPackage,
    part: &ValidationPart,
    project: &Arc<Project>,
    host: &Host,
) -> bool {
    let task = Arc::new(describe(&request.task, part));
    let sink = Arc::new(PartSink {
        part: part.part,
        failed: AtomicBool::new(false),
        to: Arc::clone(&host.sink),
    });
    let prepared = prepare(Order {
        project,
        task: Arc::clone(&task),
        settings: Arc::new(request.settings.clone()),
        host: Host {
            sink: Arc::clone(&sink) as _,
            ..host.clone()
        },
        missing: Missing::Allowed,
        reads_configurations: true,
        caller: None,
    });
    match prepared {
        Err(error) => sink.emit(refused(&task, &error)),
        Ok(runtime) => {
            let (root, place) = (&runtime.plan.root, runtime.place());
            let reporter = Reporter::new(&runtime, &root.frame, &place);
            for remark in &runtime.remarks {
                reporter.raise(remark.severity, coded(remark.code, &remark.text));
            }
            let problems = validate(&runtime, root, &place, Depth::Package);
            if problems.iter().any(Problem::is_error) {
                sink.failed.store(true, Ordering::Release);
            }
        }
    }
    !sink.failed.load(Ordering::Acquire)
}

fn describe(task: &TaskDescription, part: &ValidationPart) -> TaskDescription {
    TaskDescription {
        package_name: part.package_name.clone(),
        project_parameters: part.project_parameters.clone(),
        package_parameters: part.package_parameters.clone(),
        logging_level: LoggingLevel::Customized,
        customized_level: Some(CustomizedLevel {
            name: "validation".to_owned(),
            profile: 0,
            events: events_mask(SAID, false).unwrap_or_default(),
        }),
        validation: None,
        ..task.clone()
    }
}

/// Marks what is said with the part that it belongs to.
struct PartSink {
    part: i64,
    failed: AtomicBool,
    to: Arc<dyn EventSink>,
}

impl EventSink for PartSink {
    fn emit(&self, mut body: EventBody) {
        if let EventBody::Message(message) = &mut body {
            message.part = Some(self.part);
            if message.event_name == "OnError" {
                self.failed.store(true, Ordering::Release);
            }
        }
        self.to.emit(body);
    }

    fn hide(&self, secret: &str) {
        self.to.hide(secret);
    }

    fn masked(&self, text: String) -> String {
        self.to.masked(text)
    }
}
