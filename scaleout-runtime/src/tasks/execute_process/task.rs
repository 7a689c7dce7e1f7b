//! The task: checks its settings, starts the program, judges its exit code.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use jiff::SignedDuration;
use scaleout_core::package::{Executable, Task};

use super::arguments;
use super::program;
use super::settings::{PROPERTIES, Settings};
use super::wait::{self, Captured, Limits, Waited};
use crate::events::{Message, Severity};
use crate::paths;
use crate::services::Services;
use crate::settle::task_property::PropertyPlace;
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess};
use crate::validation::Problem;
use crate::value::Value;
use crate::variables::typed;

/// `DTS_E_EXECPROCTASK_PROCESSEXITCODEEXCEEDS`
const WRONG_EXIT_CODE: u32 = 0xC002_9151;
/// `DTS_E_EXECPROCTASK_PROCESSHASTIMEDOUT`
const TIMED_OUT: u32 = 0xC002_914C;
/// `DTS_E_TASKEXECUTEFAILED`
const EXECUTE_FAILED: u32 = 0xC002_4104;
/// Bytes of an uncaptured error stream that are kept for a failure.
const SHOWN_ERRORS: usize = 2048;
/// Lines of an error stream that a failure repeats.
const SHOWN_LINES: usize = 10;

/// `Microsoft.ExecuteProcess`
pub(in crate::tasks) struct ExecuteProcess;

impl TaskKind for ExecuteProcess {
    fn task_type(&self) -> &'static str {
        "Microsoft.ExecuteProcess"
    }

    fn properties(&self) -> &'static [PropertyPlace] {
        PROPERTIES
    }

    fn validate(
        &self,
        executable: &Executable,
        task: &Task,
        services: &Services,
        connect: bool,
    ) -> Vec<Problem> {
        let path = format!("\\{}", executable.ref_id);
        let problem = |code: &str, text: String| {
            Problem::error(code, &path, "Microsoft.ExecuteProcess", text)
        };
        let settings = match Settings::read(&task.data) {
            Ok(settings) => settings,
            Err(text) => return vec![problem("0xC0010018", text)],
        };
        let mut problems = Vec::new();
        if settings.executable.is_empty() {
            let text = "no executable is set".to_owned();
            problems.push(problem("0xC0029154", text));
        } else if connect && settings.require_full_file_name {
            let search = std::env::var_os("PATH");
            let found = program::find(settings.executable, &services.settings, search.as_deref());
            if let Err(missing) = found {
                problems.push(problem(&format!("0x{:08X}", missing.code), missing.text));
            }
        }
        for variable in settings.variables() {
            if let Err(error) = services.variables.get(variable) {
                problems.push(problem("0xC0010001", error.to_string()));
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
        run(task, services).map_err(|stop| match stop {
            Stop::Canceled => TaskFailure::Canceled,
            Stop::Failed(message) => {
                services.events.raise(Severity::Error, message);
                TaskFailure::Failed
            }
        })
    }
}

enum Stop {
    Canceled,
    Failed(Message),
}

fn failed(code: u32, text: impl Into<String>) -> Stop {
    Stop::Failed(Message::new(code, text))
}

fn run(task: &Task, services: &Services) -> Result<TaskSuccess, Stop> {
    let settings = Settings::read(&task.data).map_err(|text| failed(0xC001_0018, text))?;
    let mut command = command(&settings, services)?;
    let shown = shown(&settings);
    services.events.custom(
        "ExecuteProcessExecutingProcess",
        &format!("Executing {shown}"),
    );
    let cannot = |doing: &'static str| {
        let shown = shown.clone();
        move |error: std::io::Error| {
            failed(EXECUTE_FAILED, format!("{doing} {shown} failed: {error}"))
        }
    };
    for (stream, variable) in [
        ("stdin", settings.input_variable),
        ("stdout", settings.output_variable),
        ("stderr", settings.error_variable),
    ] {
        if !variable.is_empty() {
            let text = format!("Routing {stream} of {shown} and the variable \"{variable}\".");
            services
                .events
                .custom("ExecuteProcessVariableRouting", &text);
        }
    }
    let mut child = command.spawn().map_err(cannot("starting"))?;
    let keep = |variable: &str| variable.is_empty().then_some(SHOWN_ERRORS);
    let output = Captured::start(child.stdout.take(), keep(settings.output_variable));
    let errors = Captured::start(child.stderr.take(), keep(settings.error_variable));
    let input = text_of(settings.input_variable, services)?;
    wait::feed(child.stdin.take(), input).map_err(cannot("feeding"))?;
    let waited =
        wait::wait(&mut child, &limits(&settings, services)).map_err(cannot("waiting for"))?;
    let status = match waited {
        Waited::Canceled => return Err(Stop::Canceled),
        Waited::TimeOver => {
            let text = format!("{shown} ran longer than {} s", settings.time_out);
            return Err(failed(TIMED_OUT, text));
        }
        Waited::Ended(status) => status,
    };
    services.events.custom(
        "ExecuteProcessExecutingProcess",
        &format!("{shown} has ended: {status}"),
    );
    let output = output
        .map_err(cannot("reading from"))?
        .text(&services.cancel);
    let errors = errors
        .map_err(cannot("reading from"))?
        .text(&services.cancel);
    store(settings.output_variable, &output, services)?;
    store(settings.error_variable, &errors, services)?;
    judge(&settings, status, &errors)
}

fn command(settings: &Settings<'_>, services: &Services) -> Result<Command, Stop> {
    let search = std::env::var_os("PATH");
    let program = program::find(settings.executable, &services.settings, search.as_deref());
    let program = program.map_err(|missing| failed(missing.code, missing.text))?;
    let captures = |variable: &str| match variable.is_empty() {
        true => Stdio::null(),
        false => Stdio::piped(),
    };
    let mut command = Command::new(program);
    command
        .args(
            arguments::split(settings.arguments)
                .iter()
                .map(|one| local(one, services)),
        )
        .stdin(captures(settings.input_variable))
        .stdout(captures(settings.output_variable))
        .stderr(Stdio::piped())
        // A stop ends the whole group, so that nothing outlives its package.
        .process_group(0);
    if let Some(folder) = working_folder(settings, services)? {
        command.current_dir(folder);
    }
    Ok(command)
}

/// An argument that is a Windows path of a mapping becomes the path here.
fn local(argument: &str, services: &Services) -> String {
    let mut start = argument.chars();
    let is_drive = matches!((start.next(), start.next()), (Some(letter), Some(':')) if letter.is_ascii_alphabetic());
    match is_drive || argument.starts_with("\\\\") {
        true => paths::to_local(argument, &services.settings)
            .to_string_lossy()
            .into_owned(),
        false => argument.to_owned(),
    }
}

fn working_folder(settings: &Settings<'_>, services: &Services) -> Result<Option<PathBuf>, Stop> {
    if settings.working_directory.is_empty() {
        return Ok(services.settings.working_folder.clone());
    }
    let folder = paths::resolve(settings.working_directory, &services.settings);
    let folder = folder.map_err(|error| failed(EXECUTE_FAILED, error.explained()))?;
    match folder.is_dir() {
        true => Ok(Some(folder)),
        false => {
            let text = format!(
                "the working directory `{}` does not exist",
                folder.display()
            );
            Err(failed(0xC002_9153, text))
        }
    }
}

fn limits<'a>(settings: &Settings<'_>, services: &'a Services) -> Limits<'a> {
    let seconds = SignedDuration::from_secs(settings.time_out.into());
    let deadline = services.clock.now().checked_add(seconds).ok();
    Limits {
        cancel: &services.cancel,
        clock: &*services.clock,
        deadline: deadline.filter(|_| settings.time_out != 0),
        terminate: settings.terminate_after_time_out,
    }
}

fn text_of(variable: &str, services: &Services) -> Result<String, Stop> {
    if variable.is_empty() {
        return Ok(String::new());
    }
    let value = services.variables.get(variable);
    let value = value.map_err(|error| failed(0xC001_0001, error.to_string()))?;
    Ok(typed::shown(&value).unwrap_or_default())
}

fn store(variable: &str, text: &str, services: &Services) -> Result<(), Stop> {
    if variable.is_empty() {
        return Ok(());
    }
    let set = services.variables.set(variable, typed::text(text));
    set.map_err(|error| failed(0xC001_F009, error.to_string()))
}

fn judge(settings: &Settings<'_>, status: ExitStatus, errors: &str) -> Result<TaskSuccess, Stop> {
    // Shells report a process that a signal ended the same way.
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    if settings.fail_on_code && code != settings.success_value {
        let folder = match settings.working_directory {
            "" => String::new(),
            folder => format!(" in `{folder}`"),
        };
        let said = match last_lines(errors) {
            said if said.is_empty() => said,
            said => format!("; it wrote: {said}"),
        };
        let text = format!(
            "running {}{folder}: the exit code was {code}, and {} was expected{said}",
            shown(settings),
            settings.success_value
        );
        return Err(failed(WRONG_EXIT_CODE, text));
    }
    Ok(TaskSuccess {
        execution_value: Value::I4(code),
    })
}

/// Program and arguments, as far as there are any.
fn shown(settings: &Settings<'_>) -> String {
    match settings.arguments.trim() {
        "" => format!("`{}`", settings.executable),
        arguments => format!("`{}` `{arguments}`", settings.executable),
    }
}

/// The end of what a program wrote on its error stream, in one line.
fn last_lines(errors: &str) -> String {
    let lines: Vec<&str> = errors
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_those_with_words() {
        let many: String = (1..=12).map(|n| format!("line {n}\r\n\n")).collect();
        let last = last_lines(&many);
        assert!(last.starts_with("line 3 | line 4 | "), "{last}");
        assert!(last.ends_with(" | line 12"), "{last}");
        assert_eq!(last_lines(" \n"), "");
    }
}
