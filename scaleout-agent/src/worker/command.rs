//! A command of a step of a job: a line for the shell or a package file, in a process of its own.

use std::ffi::OsString;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, User};
use scaleout_core::protocol::event::{Event, EventBody, EventMessage, PackageResult};
use scaleout_core::protocol::task::{CommandKind, TaskCommand};
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::attempt::{Ended, overruled, unexpected};
use super::attempts::{Listener, Order};
use super::error::WorkerError;
use super::machine::begun_in;
use super::spool::Spool;
use super::state::Shared;
use crate::processes::Mark;
use crate::step_output;

/// How long a command has to stop by itself before it is killed.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// How long the pipes of a process that has ended are read on.
const DRAIN: Duration = Duration::from_secs(1);
/// Most lines of one command that go into the log.
const MOST_LINES: u64 = 10_000;
/// Longest line, in characters.
const LONGEST_LINE: usize = 4000;

/// `message_type` of what a command says.
const INFORMATION: i16 = 70;
/// `message_type` of what went wrong.
const ERROR: i16 = 120;

/// Runs a command to its end.
pub(super) async fn run(
    shared: &Shared,
    key: AttemptKey,
    command: &TaskCommand,
    spool: &Spool,
    mut listener: Listener,
) -> Ended {
    let mark = Mark::new(Uuid::new_v4(), *shared.pool.worker());
    let mut log = Log {
        shared,
        spool,
        text: String::new(),
        lines: 0,
    };
    let ended = match start(shared, command, mark) {
        Ok(child) => {
            if let Some(pid) = child.id() {
                shared.attempts.set_began(key, begun_in(pid));
            }
            listen(child, command, &mut log, &mut listener).await
        }
        Err(reason) => log
            .say(ERROR, &reason)
            .map(|()| failed())
            .unwrap_or_else(|error| Ended::With(unexpected(&error))),
    };
    // What it left behind ends with it, as the original's does.
    let _ = spawn_blocking(move || mark.end_all()).await;
    let Some(name) = &command.output_file else {
        return ended;
    };
    match step_output::write(&shared.folder, name, command.append, &log.text).await {
        Ok(()) => ended,
        Err(source) => {
            let text = format!("The output file `{name}` could not be written: {source}");
            match log.say(ERROR, &text) {
                Ok(()) => failed(),
                Err(error) => Ended::With(unexpected(&error)),
            }
        }
    }
}

fn failed() -> Ended {
    Ended::With(AttemptOutcome::Ran {
        result: PackageResult::Failure,
    })
}

fn start(shared: &Shared, command: &TaskCommand, mark: Mark) -> Result<Child, String> {
    let (program, arguments): (OsString, Vec<OsString>) = match &command.kind {
        CommandKind::Shell(line) => ("/bin/sh".into(), vec!["-c".into(), line.into()]),
        CommandKind::Dtexec(words) => {
            let program = shared.pool.program().cloned();
            let program = program.ok_or("this worker has no program that runs packages")?;
            let words = words.iter().map(OsString::from);
            (
                program,
                std::iter::once("dtexec".into()).chain(words).collect(),
            )
        }
    };
    let mut process = Command::new(&program);
    process
        .args(arguments)
        .current_dir(&shared.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(name) = &command.user {
        become_user(&mut process, name)?;
    }
    process.envs(mark.variables());
    process.spawn().map_err(|source| {
        let whom = match (&command.user, source.kind()) {
            (Some(user), io::ErrorKind::PermissionDenied) => format!(
                " as the user `{user}`: only a worker that runs as root may become another user"
            ),
            (Some(user), _) => format!(" as the user `{user}`"),
            (None, _) => String::new(),
        };
        format!(
            "The command could not be started{whom}: {source} ({})",
            program.to_string_lossy()
        )
    })
}

/// Runs a process as another user, with nothing of the worker's environment but where programs are.
fn become_user(process: &mut Command, name: &str) -> Result<(), String> {
    let user = User::from_name(name)
        .map_err(|error| format!("The user `{name}` could not be looked up: {error}"))?
        .ok_or_else(|| format!("This machine has no user `{name}`, whom the proxy names."))?;
    if user.uid.is_root() {
        return Err("A proxy may not name the user root.".to_owned());
    }
    process.env_clear();
    for kept in ["PATH", "LANG", "LC_ALL", "TZ"] {
        if let Some(value) = std::env::var_os(kept) {
            process.env(kept, value);
        }
    }
    process
        .env("HOME", &user.dir)
        .env("USER", name)
        .env("LOGNAME", name)
        .current_dir(if user.dir.is_dir() {
            user.dir.as_path()
        } else {
            "/".as_ref()
        })
        .uid(user.uid.as_raw())
        .gid(user.gid.as_raw());
    Ok(())
}

/// What a command says goes into the log as it comes.
struct Log<'s> {
    shared: &'s Shared,
    spool: &'s Spool,
    text: String,
    lines: u64,
}

impl Log<'_> {
    fn line(&mut self, line: &str) -> Result<(), WorkerError> {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines += 1;
        match self.lines {
            few if few <= MOST_LINES => self.say(INFORMATION, line),
            few if few == MOST_LINES + 1 => self.say(
                INFORMATION,
                "The command wrote more lines, which are not kept here.",
            ),
            _ => Ok(()),
        }
    }

    fn say(&self, message_type: i16, line: &str) -> Result<(), WorkerError> {
        let name = if message_type == ERROR {
            "OnError"
        } else {
            "OnInformation"
        };
        let message = EventMessage {
            event_name: name.to_owned(),
            message_type,
            // The executor: no part of a package says it.
            source_type: 20,
            message: line.chars().take(LONGEST_LINE).collect(),
            ..EventMessage::default()
        };
        let event = Event {
            // The spool gives it its number.
            sequence: 0,
            time: self.shared.clock.now(),
            body: EventBody::Message(message),
        };
        self.spool
            .append(event)
            .map_err(|source| WorkerError::Data {
                path: "spool".into(),
                source,
            })
    }
}

/// A pipe of the process, and the line that is under way: reading may be given up at any moment.
struct Pipe<R> {
    reader: Option<BufReader<R>>,
    line: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(pipe: Option<R>) -> Self {
        Self {
            reader: pipe.map(BufReader::new),
            line: Vec::new(),
        }
    }

    fn is_open(&self) -> bool {
        self.reader.is_some()
    }

    async fn next_line(&mut self) -> Option<String> {
        let reader = self.reader.as_mut()?;
        // What was read before it was given up stays in the line.
        let read = reader.read_until(b'\n', &mut self.line).await;
        if matches!(read, Ok(0) | Err(_)) {
            self.reader = None;
            if self.line.is_empty() {
                return None;
            }
        }
        let line = std::mem::take(&mut self.line);
        // Not every program writes UTF-8.
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

async fn listen(
    mut child: Child,
    command: &TaskCommand,
    log: &mut Log<'_>,
    listener: &mut Listener,
) -> Ended {
    let mut output = Pipe::new(child.stdout.take());
    let mut errors = Pipe::new(child.stderr.take());
    let group = child.id().and_then(|id| i32::try_from(id).ok());
    let signal = |signal| {
        if let Some(group) = group {
            // ESRCH: it has ended by itself.
            let _ = killpg(Pid::from_raw(group), signal);
        }
    };
    let orders = &mut listener.orders;
    let mut kill_at: Option<Instant> = None;
    let mut exited = None;
    let mut drained_at = Instant::now();
    loop {
        let is_silent = !output.is_open() && !errors.is_open();
        if let Some(status) = exited.take_if(|_| is_silent || drained_at <= Instant::now()) {
            return match kill_at {
                Some(_) => overruled(&Order::Stop, true),
                None => end(status, command, log),
            };
        }
        let order = orders.borrow_and_update().clone();
        match &order {
            Order::Run => {}
            Order::Stop if kill_at.is_none() => {
                signal(Signal::SIGTERM);
                kill_at = Some(Instant::now() + STOP_GRACE);
            }
            Order::Stop => {}
            Order::HandBack(_) | Order::Abandon(_) | Order::Drop | Order::Leave => {
                signal(Signal::SIGKILL);
                return overruled(&order, true);
            }
        }
        let patience = kill_at.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        let said = tokio::select! {
            line = output.next_line(), if output.is_open() => line,
            line = errors.next_line(), if errors.is_open() => line,
            status = child.wait(), if exited.is_none() => {
                exited = Some(status);
                drained_at = Instant::now() + DRAIN;
                None
            }
            // Something that it left behind may hold the pipes open for ever.
            () = sleep_until(drained_at), if exited.is_some() => None,
            _ = orders.changed() => None,
            () = sleep_until(patience), if kill_at.is_some() => {
                signal(Signal::SIGKILL);
                return overruled(&Order::Stop, true);
            }
        };
        if let Some(line) = said
            && let Err(error) = log.line(&line)
        {
            signal(Signal::SIGKILL);
            return Ended::With(unexpected(&error));
        }
    }
}

fn end(
    status: io::Result<std::process::ExitStatus>,
    command: &TaskCommand,
    log: &Log<'_>,
) -> Ended {
    let (good, text) = match status {
        Ok(status) => match status.code() {
            Some(code) => (
                i64::from(code) == command.success_code,
                format!("Process exit code {code}."),
            ),
            None => (false, format!("The process was ended: {status}.")),
        },
        Err(source) => (
            false,
            format!("The end of the process could not be seen: {source}"),
        ),
    };
    let result = if good {
        PackageResult::Success
    } else {
        PackageResult::Failure
    };
    match log.say(if good { INFORMATION } else { ERROR }, &text) {
        Ok(()) => Ended::With(AttemptOutcome::Ran { result }),
        Err(error) => Ended::With(unexpected(&error)),
    }
}
