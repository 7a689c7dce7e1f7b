//! The task: finds its paths and does its operation.

use std::path::{Path, PathBuf};

use scaleout_core::error::with_sources;
use scaleout_core::package::{Executable, Task};

use super::operation::{self, OperationError};
use super::settings::{Operation, PROPERTIES, Settings};
use crate::events::{Message, Severity};
use crate::services::Services;
use crate::settle::task_property::PropertyPlace;
use crate::tasks::path_source::{PathFrom, PathProblem};
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess};
use crate::validation::Problem;

/// `DTS_E_ERROROCCURREDWITHFOLLOWINGMESSAGE`
const FAILED: u32 = 0xC002_F304;
/// `DTS_E_FSTASK_FILEDOESNOTEXIST`
const DOES_NOT_EXIST: u32 = 0xC002_9163;
/// `DTS_E_FSTASK_CONNECTIONTYPENOTFILE`
const NOT_A_FILE_CONNECTION: u32 = 0xC002_915E;
/// `DTS_I_FSTASK_FILEDELETED`
const DELETED: u32 = 0x4002_9162;

/// `Microsoft.FileSystemTask`
pub(in crate::tasks) struct FileSystemTask;

impl TaskKind for FileSystemTask {
    fn task_type(&self) -> &'static str {
        "Microsoft.FileSystemTask"
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
        let problem = |message: Message| {
            let code = format!("0x{:08X}", message.code);
            Problem::error(&code, &path, "Microsoft.FileSystemTask", message.text)
        };
        let settings = match Settings::read(&task.data) {
            Ok(settings) => settings,
            Err(text) => return vec![problem(Message::new(0xC001_0018, text))],
        };
        let mut used = vec![("source", settings.source)];
        if settings.operation.has_destination() {
            used.push(("destination", settings.destination));
        }
        // What a variable or a connection holds may still change; that it is there may not.
        let missing = used
            .into_iter()
            .filter_map(|(what, from)| from.text(what, services).err());
        missing
            .map(|missing| problem(path_message(&missing)))
            .collect()
    }

    fn execute(
        &self,
        _executable: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure> {
        match run(task, services) {
            Ok(()) => Ok(TaskSuccess::plain()),
            Err(message) => {
                services.events.raise(Severity::Error, message);
                Err(TaskFailure::Failed)
            }
        }
    }
}

fn run(task: &Task, services: &Services) -> Result<(), Message> {
    let settings = Settings::read(&task.data).map_err(|text| Message::new(FAILED, text))?;
    let local = |what, from: PathFrom<'_>| {
        let path = from.local(what, services);
        path.map_err(|problem| path_message(&problem))
    };
    let source = local("source", settings.source)?;
    let destination = match settings.operation.has_destination() {
        true => local("destination", settings.destination)?,
        false => PathBuf::new(),
    };
    let text = match settings.operation.has_destination() {
        true => format!(
            "{:?}: from {} to {}",
            settings.operation,
            source.display(),
            destination.display()
        ),
        false => format!("{:?}: {}", settings.operation, source.display()),
    };
    services.events.custom("FileSystemOperation", &text);
    let done = operate(&settings, &source, &destination);
    done.map_err(|error| failure(&settings, &error))?;
    match settings.operation {
        Operation::SetAttributes => warn_about_attributes(settings.attributes, services),
        Operation::DeleteFile | Operation::DeleteDirectory => {
            let text = format!("file or folder `{}` was deleted", source.display());
            services
                .events
                .raise(Severity::Information, Message::new(DELETED, text));
        }
        _ => {}
    }
    Ok(())
}

fn operate(
    settings: &Settings<'_>,
    source: &Path,
    destination: &Path,
) -> Result<(), OperationError> {
    let overwrite = settings.overwrite;
    match settings.operation {
        Operation::CopyFile => operation::copy_file(source, destination, overwrite),
        Operation::MoveFile => operation::move_file(source, destination, overwrite),
        Operation::RenameFile => operation::rename_file(source, destination, overwrite),
        Operation::DeleteFile => operation::delete_file(source),
        Operation::SetAttributes => {
            operation::set_read_only(source, settings.attributes.contains("ReadOnly"))
        }
        Operation::CreateDirectory => operation::create_directory(source, overwrite),
        Operation::CopyDirectory => operation::copy_directory(source, destination, overwrite),
        Operation::MoveDirectory => operation::move_directory(source, destination, overwrite),
        Operation::DeleteDirectory => operation::delete_directory(source),
        Operation::DeleteDirectoryContent => operation::delete_directory_content(source),
    }
}

fn failure(settings: &Settings<'_>, error: &OperationError) -> Message {
    let code = match error {
        OperationError::Missing(_) => DOES_NOT_EXIST,
        _ => FAILED,
    };
    let text = format!("{:?}: {}", settings.operation, with_sources(error));
    Message::new(code, text)
}

/// Of the attributes only ReadOnly exists on every file system.
fn warn_about_attributes(attributes: &str, services: &Services) {
    let unknown: Vec<&str> = attributes
        .split([',', ' '])
        .filter(|name| ["Archive", "Hidden", "System"].contains(name))
        .collect();
    if !unknown.is_empty() {
        let text = format!(
            "attributes without a meaning on this machine: {}",
            unknown.join(", ")
        );
        services
            .events
            .raise(Severity::Warning, Message::new(0, text));
    }
}

fn path_message(problem: &PathProblem) -> Message {
    let code = match problem {
        PathProblem::NotSet { .. } | PathProblem::NotAFile { .. } => NOT_A_FILE_CONNECTION,
        PathProblem::Connection(_) => 0xC001_000E,
        PathProblem::Variable(_) => 0xC001_0001,
        PathProblem::Unmapped { .. } => FAILED,
    };
    Message::new(code, problem.to_string())
}
