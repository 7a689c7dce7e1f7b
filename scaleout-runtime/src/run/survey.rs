//! What is wrong with a package, without running it: for deploy and `soctl validate`.

use std::sync::Arc;

use scaleout_core::error::{Explain, explained};
use scaleout_core::model::LoggingLevel;
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::protocol::event::EventBody;
use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_core::protocol::task::TaskDescription;

use super::host::Host;
use super::start::{Order, prepare};
use super::validate::{Depth, validate};
use crate::cancel::CancelToken;
use crate::events::{EventSink, Remark, Severity};
use crate::executor::design_values;
use crate::settle::parameters::Missing;
use crate::validation::Problem;

/// How to survey.
#[derive(Clone, Debug, Default)]
pub struct SurveyOptions {
    /// Open connections and look at files.
    pub connect: bool,
    /// Settings that decide about paths and connections.
    pub settings: RuntimeSettings,
}

/// Every problem of a package at once, with the values of its design.
#[must_use]
pub fn survey(
    project: &Arc<Project>,
    package: &ProjectPackage,
    options: &SurveyOptions,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = package
        .package
        .notes
        .iter()
        .map(|note| Problem::warning(note.code, &note.path, "package", &note.message))
        .collect();
    let order = Order {
        project,
        task: Arc::new(quiet(&project.name, &package.file_name)),
        settings: Arc::new(options.settings.clone()),
        host: Host::of_process(Arc::new(Silent), CancelToken::new()),
        missing: Missing::Allowed,
        reads_configurations: options.connect,
        caller: None,
    };
    match prepare(order) {
        Err(error) => {
            let text = explained(&error);
            problems.push(Problem::error(error.code(), "\\Package", "package", text));
        }
        Ok(runtime) => {
            problems.extend(runtime.remarks.iter().filter_map(problem));
            let depth = Depth::Survey {
                connect: options.connect,
            };
            let root = &runtime.plan.root;
            problems.extend(validate(&runtime, root, &runtime.place(), depth));
        }
    }
    problems
}

/// A remark as a problem of the package; what only tells is none.
pub(super) fn problem(remark: &Remark) -> Option<Problem> {
    let (path, kind) = ("\\Package", "package");
    match remark.severity {
        Severity::Error => Some(Problem::error(remark.code, path, kind, &remark.text)),
        Severity::Warning => Some(Problem::warning(remark.code, path, kind, &remark.text)),
        Severity::Information => None,
    }
}

fn quiet(project: &str, package: &str) -> TaskDescription {
    TaskDescription {
        logging_level: LoggingLevel::None,
        ..design_values(project, package)
    }
}

struct Silent;

impl EventSink for Silent {
    fn emit(&self, _body: EventBody) {}
}
