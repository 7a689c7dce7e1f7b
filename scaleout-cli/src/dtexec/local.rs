//! Packages of files and projects, run in this very process.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use scaleout_core::error::{Explain, with_sources};
use scaleout_core::model::{LoggingLevel, SystemClock};
use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_core::protocol::task::TaskDescription;
use scaleout_runtime::cancel::CancelToken;
use scaleout_runtime::events::EventSink;
use scaleout_runtime::executor::{check_local, design_values, run_local};
use scaleout_runtime::run::{Host, StartError};
use scaleout_runtime::validation::ProblemSeverity;

use super::command_line::{CommandLine, Source};
use super::exit::Exit;
use super::load::{Loaded, load};
use super::report::{Report, Shape};
use super::verify::mismatch;
use crate::error::{CliError, CommandError, file_error};

/// Names a file with `PathMappings`, `ConnectionMap` and the like, as a worker's settings have them.
const SETTINGS_VARIABLE: &str = "DTEXEC_SETTINGS";

/// Where dumps go when the settings do not say.
const DUMPS: &str = "ErrorDumps";

/// Loads the package, checks it, runs it.
pub(super) fn run<W: Write + Send + 'static>(
    line: &CommandLine,
    to: W,
    cancel: &CancelToken,
) -> Exit {
    let mut job = Job::new(line, to, cancel.clone());
    let began = job.report.begin();
    let exit = job.run();
    job.report.end(began);
    exit
}

struct Job<'j, W> {
    line: &'j CommandLine,
    report: Arc<Report<W>>,
    host: Host,
}

impl<'j, W: Write + Send + 'static> Job<'j, W> {
    fn new(line: &'j CommandLine, to: W, cancel: CancelToken) -> Self {
        let silent: Arc<dyn EventSink> = Arc::new(Nobody);
        let host = Host::of_process(silent, cancel);
        let shape = Shape {
            reporting: line.reporting.clone(),
            console_log: line.console_log.clone(),
            sum: line.sum,
            computer: host.machine_name.clone(),
            operator: host.user_name.clone(),
            execution_id: format!("{{{}}}", host.instance_id).to_uppercase(),
        };
        let report = Report::new(to, Box::new(SystemClock), TimeZone::system(), shape);
        let report = Arc::new(report);
        let host = Host {
            sink: Arc::clone(&report) as Arc<dyn EventSink>,
            ..host
        };
        Self { line, report, host }
    }

    fn run(&mut self) -> Exit {
        let (path, package) = match &self.line.source {
            Some(Source::File(path)) => (path, None),
            Some(Source::Project(path)) => (path, self.line.package.as_deref()),
            _ => unreachable!("the command line names a file"),
        };
        let password = self.line.decrypt.as_ref();
        let loaded = load(path, package, password).and_then(|loaded| Ok((loaded, settings()?)));
        let (mut loaded, settings) = match loaded {
            Ok(loaded) => loaded,
            Err(error) => return self.not_loaded(&path.display().to_string(), &error),
        };
        for setting in &self.line.settings {
            if let Err(refused) = loaded.apply(setting) {
                self.report
                    .say(&format!("DTExec: {refused}; {}\n", refused.hint()));
                return Exit::of(refused.blame());
            }
        }
        for check in &self.line.checks {
            if let Some(reason) = mismatch(loaded.package(), check) {
                let text = format!("DTExec: The package did not verify: {reason}.\n");
                self.report.say(&text);
                return Exit::Failure;
            }
        }
        self.execute(&loaded, &settings)
    }

    fn execute(&self, loaded: &Loaded, settings: &RuntimeSettings) -> Exit {
        let project = Arc::new(loaded.project.clone());
        let task = self.task(loaded);
        if self.line.validate || self.line.warn_as_error {
            let checked = check_local(&project, task.clone(), settings.clone(), self.host.clone());
            let problems = match checked {
                Ok(problems) => problems,
                Err(error) => return self.not_started(&error),
            };
            let counts = |severity: ProblemSeverity| {
                severity == ProblemSeverity::Error || self.line.warn_as_error
            };
            let is_bad = problems.iter().any(|problem| counts(problem.severity));
            if is_bad || self.line.validate {
                let (exit, result) = match is_bad {
                    true => (Exit::Failure, "DTSER_FAILURE (1)"),
                    false => (Exit::Success, "DTSER_SUCCESS (0)"),
                };
                let text = format!("DTExec: The package validation returned {result}.\n");
                self.report.say(&text);
                return exit;
            }
        }
        match run_local(&project, task, settings.clone(), self.host.clone()) {
            Err(error) => self.not_started(&error),
            Ok(result) => {
                let (exit, name) = Exit::result(result);
                let text = format!("DTExec: The package execution returned {name}.\n");
                self.report.say(&text);
                exit
            }
        }
    }

    /// All events: the report takes what it wants of them.
    fn task(&self, loaded: &Loaded) -> TaskDescription {
        TaskDescription {
            logging_level: LoggingLevel::Verbose,
            package_parameters: loaded.package_parameters.clone(),
            project_parameters: loaded.project_parameters.clone(),
            property_overrides: loaded.overrides.clone(),
            command_line_configurations: Some(loaded.configurations),
            dump_on_error: self.line.dump_on_error,
            dump_on_codes: self.line.dump_on_codes.clone(),
            caller_name: self.host.user_name.clone(),
            ..design_values(&loaded.project.name, &loaded.package_name)
        }
    }

    fn not_loaded(&self, package: &str, error: &CliError) -> Exit {
        let body = &error.body;
        let hint = body.hint.as_deref().unwrap_or_default();
        self.report.say(&format!(
            "Could not load package \"{package}\" because of error {}.\nDescription: {}; {hint}\n\
             Source: {package}\n",
            body.code, body.message
        ));
        Exit::of(body.blame)
    }

    fn not_started(&self, error: &StartError) -> Exit {
        let text = with_sources(error);
        let hint = error.hint();
        self.report
            .say(&format!("DTExec: {text}; {hint} ({}).\n", error.code()));
        Exit::of(error.blame())
    }
}

/// Before the report is there.
struct Nobody;

impl EventSink for Nobody {
    fn emit(&self, _body: scaleout_core::protocol::event::EventBody) {}
}

/// The settings that a worker would have, where someone names a file of them.
fn settings() -> Result<RuntimeSettings, CliError> {
    let named = std::env::var_os(SETTINGS_VARIABLE).filter(|name| !name.is_empty());
    let mut settings = match named.map(PathBuf::from) {
        None => RuntimeSettings::default(),
        Some(path) => {
            let bytes = std::fs::read(&path).map_err(file_error("read", &path))?;
            let read = serde_json::from_slice(&bytes);
            read.map_err(|source| CommandError::Malformed { path, source })?
        }
    };
    settings
        .error_dumps_folder
        .get_or_insert_with(|| PathBuf::from(DUMPS));
    Ok(settings)
}
