//! The task: checks its lines, puts the mail together and hands it to the server.

use std::time::SystemTime;

use lettre::Transport;
use scaleout_core::error::{Explain, with_sources};
use scaleout_core::package::{Executable, Task};

use super::message::{File, addresses, message};
use super::server::Server;
use super::settings::{PROPERTIES, Settings};
use crate::events::{Message, Severity};
use crate::paths;
use crate::services::Services;
use crate::settle::task_property::PropertyPlace;
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess, WRONG_SETTING, background, text_source};
use crate::validation::Problem;

/// `DTS_E_ERROROCCURREDWITHFOLLOWINGMESSAGE`
const FAILED: u32 = 0xC002_F304;
/// The code page of a message file that is no UTF-8.
const CODE_PAGE: u32 = 1252;

/// `Microsoft.SendMailTask`
pub(in crate::tasks) struct SendMail;

impl TaskKind for SendMail {
    fn task_type(&self) -> &'static str {
        "Microsoft.SendMailTask"
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
        match services.connections.resolve(&settings.connection) {
            Err(unknown) => problems.push(error(unknown.code(), unknown.explained())),
            Ok(manager) => {
                if let Err(reason) = Server::read(&manager) {
                    problems.push(error(WRONG_SETTING, reason));
                }
            }
        }
        let mut warn = |code: &str, text: String| {
            problems.push(Problem::warning(code, &path, &task.task_type, text));
        };
        // What an expression or a variable gives when the task runs may be right: only a warning.
        if let Some(reason) = wrong_line(&settings.from) {
            warn("0x800291C8", format!("the From line: {reason}"));
        }
        if let Some(reason) = wrong_line(&settings.to) {
            warn("0x800291C7", format!("the To line: {reason}"));
        }
        if settings.subject.is_empty() {
            warn("0x800291C6", "the subject is empty".to_owned());
        }
        problems
    }

    fn execute(
        &self,
        _executable: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure> {
        match send(task, services) {
            Ok(sent) => sent,
            Err(text) => {
                let message = Message::new(FAILED, text);
                services.events.raise(Severity::Error, message);
                Err(TaskFailure::Failed)
            }
        }
    }
}

/// Why a line of addresses cannot be one.
fn wrong_line(line: &str) -> Option<String> {
    match addresses(line) {
        Err(reason) => Some(reason),
        Ok(found) if found.is_empty() => Some("it is empty".to_owned()),
        Ok(_) => None,
    }
}

/// The outer error is the task's; the inner result says how the wait ended.
fn send(task: &Task, services: &Services) -> Result<Result<TaskSuccess, TaskFailure>, String> {
    let settings = Settings::read(&task.data)?;
    let manager = services.connections.resolve(&settings.connection);
    let manager = manager.map_err(|error| error.explained())?;
    let server = Server::read(&manager)?;
    let body = text_source::read(settings.source_type, &settings.source, CODE_PAGE, services)?;
    let files = settings.attachments.iter();
    let files: Result<Vec<File>, String> = files.map(|path| attached(path, services)).collect();
    let now = SystemTime::from(services.clock.now());
    let mail = message(&settings, body, files?, now)?;
    let own_name = nix::unistd::gethostname().unwrap_or_default();
    let transport = server.transport(own_name.to_string_lossy().into_owned());
    let transport = transport.map_err(|error| failure(&server, &error))?;
    let about = format!(
        "From {} to {}, with {} attachments.",
        settings.from,
        settings.to,
        settings.attachments.len()
    );
    services
        .events
        .custom("SendMailTaskBegin", "The task began to send a mail.");
    services.events.custom("SendMailTaskInfo", &about);
    let sent = background::run(&services.cancel, move || transport.send(&mail));
    match sent {
        Err(canceled) => Ok(Err(canceled.into())),
        Ok(Err(error)) => Err(failure(&server, &error)),
        Ok(Ok(_response)) => {
            services
                .events
                .custom("SendMailTaskEnd", "The task sent its mail.");
            Ok(Ok(TaskSuccess::plain()))
        }
    }
}

fn attached(path: &str, services: &Services) -> Result<File, String> {
    let local = paths::resolve(path, &services.settings);
    let local = local.map_err(|error| format!("attachment: {}", error.explained()))?;
    File::read(&local).map_err(|error| format!("attachment `{path}` cannot be read: {error}"))
}

fn failure(server: &Server, error: &lettre::transport::smtp::Error) -> String {
    const AUTHENTICATION_REQUIRED: u16 = 530;
    let wants_login = error
        .status()
        .is_some_and(|code| u16::from(code) == AUTHENTICATION_REQUIRED);
    let hint = match (wants_login, server.has_login(), server.windows_login) {
        (true, false, true) => {
            "; it wants a login, and Windows authentication does not run here: add `User ID` and \
             `Password` to the connection string"
        }
        (true, false, false) => {
            "; it wants a login: add `User ID` and `Password` to the connection string"
        }
        _ => "",
    };
    format!(
        "sending the mail through {} failed: {}{hint}",
        server.shown(),
        with_sources(error)
    )
}
