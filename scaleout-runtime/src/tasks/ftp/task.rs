//! The task: looks up its paths and its server, and reports what happened.

use std::path::PathBuf;

use scaleout_core::error::Explain;
use scaleout_core::package::{Executable, Task};

use super::remote::RemotePath;
use super::server::Server;
use super::settings::{Operation, PROPERTIES, Settings};
use super::transfer::{self, FAILED, Failure, Job, Report};
use crate::events::{Message, Severity};
use crate::paths;
use crate::services::Services;
use crate::settle::task_property::PropertyPlace;
use crate::tasks::path_source::PathFrom;
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess, WRONG_SETTING, background};
use crate::validation::Problem;
use crate::variables::typed;

/// `DTS_E_FTPTASK_INVALIDREMOTEPATH`
const INVALID_REMOTE_PATH: u32 = 0xC002_9191;
/// A failure that does not stop the task.
const IGNORED_FAILURE: u32 = 0x8002_0918;

/// `Microsoft.FtpTask`
pub(in crate::tasks) struct Ftp;

impl TaskKind for Ftp {
    fn task_type(&self) -> &'static str {
        "Microsoft.FtpTask"
    }

    fn properties(&self) -> &'static [PropertyPlace] {
        PROPERTIES
    }

    fn validate(
        &self,
        executable: &Executable,
        task: &Task,
        services: &Services,
        _connect: bool,
    ) -> Vec<Problem> {
        let path = format!("\\{}", executable.ref_id);
        let error = |code: &str, text: String| Problem::error(code, &path, &task.task_type, text);
        let settings = match Settings::read(&task.data) {
            Ok(settings) => settings,
            Err(reason) => return vec![error(WRONG_SETTING, reason)],
        };
        let mut problems = Vec::new();
        match services.connections.resolve(settings.connection) {
            _ if !settings.operation.is_remote() => {}
            Err(unknown) => problems.push(error(unknown.code(), unknown.explained())),
            Ok(manager) => {
                if let Err(reason) = Server::read(&manager) {
                    problems.push(error(WRONG_SETTING, reason));
                }
            }
        }
        // What a variable or a connection holds may still change; that it is there may not.
        if settings.operation.is_local()
            && let Err(problem) = local_from(&settings).text("local path", services)
        {
            problems.push(error(WRONG_SETTING, problem.to_string()));
        }
        if settings.operation.is_remote() {
            match remote_text(&settings, services) {
                Err(text) => problems.push(error(WRONG_SETTING, text)),
                Ok(_) if settings.is_remote_variable => {}
                Ok(text) => {
                    if let Err(text) = RemotePath::parse(&text) {
                        problems.push(error("0xC0029191", text));
                    }
                }
            }
        }
        problems
    }

    fn execute(
        &self,
        _executable: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure> {
        let job = match job(task, services) {
            Ok(job) => job,
            Err(failure) => {
                let message = Message::new(failure.code, failure.text);
                services.events.raise(Severity::Error, message);
                return Err(TaskFailure::Failed);
            }
        };
        if let Some(server) = &job.server {
            let text = format!("Connecting to FTP server `{}`.", server.shown());
            services.events.custom("FTPConnectingToServer", &text);
        }
        let text = format!("Operation {:?} begins.", job.operation);
        services.events.custom("FTPOperation", &text);
        let stop_on_failure = job.stop_on_failure;
        let cancel = services.cancel.clone();
        let report = background::run(&services.cancel, move || transfer::run(&job, &cancel))?;
        services.cancel.check()?;
        told(report, stop_on_failure, services)
    }
}

/// Says what happened; the result is that of the task.
fn told(
    report: Report,
    stop_on_failure: bool,
    services: &Services,
) -> Result<TaskSuccess, TaskFailure> {
    for text in report.done {
        let message = Message::new(0, text);
        services.events.raise(Severity::Information, message);
    }
    let mut failed = false;
    for failure in report.failures {
        let (severity, code) = match stop_on_failure {
            true => (Severity::Error, failure.code),
            false => (Severity::Warning, IGNORED_FAILURE),
        };
        failed |= stop_on_failure;
        let message = Message::new(code, failure.text);
        services.events.raise(severity, message);
    }
    match failed {
        true => Err(TaskFailure::Failed),
        false => Ok(TaskSuccess::plain()),
    }
}

fn local_from<'x>(settings: &Settings<'x>) -> PathFrom<'x> {
    PathFrom::new(settings.is_local_variable, settings.local)
}

fn remote_text(settings: &Settings<'_>, services: &Services) -> Result<String, String> {
    if settings.remote.is_empty() {
        return Err("no remote path is set".to_owned());
    }
    if !settings.is_remote_variable {
        return Ok(settings.remote.to_owned());
    }
    let value = services.variables.get(settings.remote);
    let value = value.map_err(|error| error.to_string())?;
    Ok(typed::shown(&value).unwrap_or_default())
}

fn job(task: &Task, services: &Services) -> Result<Job, Failure> {
    let failed = |text: String| Failure { code: FAILED, text };
    let settings = Settings::read(&task.data).map_err(failed)?;
    let operation = settings.operation;
    let mut server = None;
    let mut remote = None;
    if operation.is_remote() {
        let manager = services.connections.resolve(settings.connection);
        let manager = manager.map_err(|error| failed(error.explained()))?;
        server = Some(Server::read(&manager).map_err(failed)?);
        let text = remote_text(&settings, services).map_err(failed)?;
        remote = Some(RemotePath::parse(&text).map_err(|text| Failure {
            code: INVALID_REMOTE_PATH,
            text,
        })?);
    }
    let (mut local, mut local_text) = (Vec::new(), String::new());
    if operation.is_local() {
        let from = local_from(&settings);
        let place = from.local("local path", services);
        let place: PathBuf = place.map_err(|problem| failed(problem.to_string()))?;
        local_text = from
            .text("local path", services)
            .map_err(|problem| failed(problem.to_string()))?;
        local = match operation {
            Operation::Send | Operation::DeleteLocal => paths::expand(&local_text, place),
            _ => vec![(local_text.clone(), place)],
        };
    }
    Ok(Job {
        operation,
        server,
        local,
        local_text,
        remote,
        overwrite: settings.overwrite,
        ascii: settings.ascii,
        stop_on_failure: settings.stop_on_failure,
    })
}
