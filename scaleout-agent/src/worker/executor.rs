//! One executor process: started, spoken to in JSON lines, ended with everything it started.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use scaleout_core::protocol::child::ChildAnswer;
use scaleout_core::protocol::executor::{FromExecutor, RunPackage, ToExecutor};
use scaleout_core::protocol::job::JobAnswer;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;
use uuid::Uuid;

use super::error::WorkerError;
use crate::processes::Mark;

/// Version of the line protocol that this worker speaks.
const LINE_PROTOCOL: u32 = 1;
/// How long a new process may take to say that it is ready.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// How long an ended process may take to be gone.
const GONE_LIMIT: Duration = Duration::from_secs(2);
/// How long the standard error of a dead process is listened to.
const LISTEN_LIMIT: Duration = Duration::from_millis(500);
/// Lines of standard error kept for the reason of its death.
const LAST_WORDS: usize = 10;

/// A process that runs packages, one at a time. Dropping it kills it and everything below it.
#[derive(Debug)]
pub(super) struct Executor {
    child: Child,
    pid: u32,
    mark: Mark,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    last_words: Arc<Mutex<VecDeque<String>>>,
    listening: JoinHandle<()>,
    /// All was killed and the leader waited for: the id may belong to others by now.
    gone: bool,
}

impl Executor {
    /// Starts a process, in its own process group and with its mark, and waits until it is ready.
    pub async fn start(command: &[OsString], mark: Mark) -> Result<Self, WorkerError> {
        let (program, arguments) = command.split_first().ok_or(WorkerError::NoExecutor)?;
        let failed = |source| WorkerError::ExecutorStart {
            program: program.to_string_lossy().into_owned(),
            source,
        };
        let mut child = Command::new(program)
            .args(arguments)
            .envs(mark.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors), Some(pid)) =
            (pipes.0, pipes.1, pipes.2, child.id())
        else {
            return Err(failed(io::Error::other("it has no pipes")));
        };
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let mut executor = Self {
            child,
            pid,
            mark,
            input,
            output: BufReader::new(output).lines(),
            listening: tokio::spawn(keep_last_words(errors, pid, Arc::clone(&last_words))),
            last_words,
            gone: false,
        };
        executor.await_ready().await?;
        Ok(executor)
    }

    async fn await_ready(&mut self) -> Result<(), WorkerError> {
        match timeout(READY_LIMIT, self.next()).await {
            Ok(Ok(FromExecutor::Ready { version, .. })) if version == LINE_PROTOCOL => Ok(()),
            Ok(Ok(FromExecutor::Ready { version, .. })) => Err(self.odd(format!(
                "it speaks version {version}, this worker speaks {LINE_PROTOCOL}"
            ))),
            Ok(Ok(_)) => Err(self.odd("its first line is not `ready`".to_owned())),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                let seconds = READY_LIMIT.as_secs();
                Err(self.odd(format!("it was not ready within {seconds} s")))
            }
        }
    }

    /// Its process id, which is also that of its group.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Hands it a package.
    pub async fn run(&mut self, package: RunPackage) -> Result<(), WorkerError> {
        self.tell(&ToExecutor::Run(Box::new(package))).await
    }

    /// Tells it what came of a child package.
    pub async fn child_ended(&mut self, answer: ChildAnswer) -> Result<(), WorkerError> {
        self.tell(&ToExecutor::ChildEnded(Box::new(answer))).await
    }

    /// Tells it what came of the call of a job.
    pub async fn job_called(&mut self, answer: JobAnswer) -> Result<(), WorkerError> {
        self.tell(&ToExecutor::JobCalled(Box::new(answer))).await
    }

    /// Asks for a dump of the package that runs.
    pub async fn dump(&mut self, dump_id: Uuid) -> Result<(), WorkerError> {
        self.tell(&ToExecutor::Dump { dump_id }).await
    }

    /// Asks it to stop the package at the next safe point.
    pub async fn stop(&mut self) -> Result<(), WorkerError> {
        self.tell(&ToExecutor::Stop).await
    }

    /// The next thing it says. May be dropped and called again without loss.
    pub async fn next(&mut self) -> Result<FromExecutor, WorkerError> {
        match self.output.next_line().await {
            Ok(Some(line)) => serde_json::from_str(&line)
                .map_err(|error| self.odd(format!("its output is no message: {error}"))),
            Ok(None) => Err(self.died().await),
            Err(error) => Err(self.odd(error.to_string())),
        }
    }

    /// Something that it should not have said.
    pub fn odd(&self, reason: String) -> WorkerError {
        WorkerError::ExecutorProtocol {
            pid: self.pid,
            reason,
        }
    }

    /// Kills it with everything below it, and waits until that is gone.
    pub async fn kill(mut self) {
        self.kill_group();
        let mark = self.mark;
        // An abort or a panic there leaves it to the drop.
        let swept = spawn_blocking(move || mark.end_all()).await.is_ok();
        match timeout(GONE_LIMIT, self.child.wait()).await {
            Ok(_) => self.gone = swept,
            Err(_) => tracing::warn!(pid = self.pid, "a killed executor is still there"),
        }
    }

    async fn tell(&mut self, message: &ToExecutor) -> Result<(), WorkerError> {
        let mut line = match serde_json::to_vec(message) {
            Ok(line) => line,
            Err(error) => return Err(self.odd(error.to_string())),
        };
        line.push(b'\n');
        let written = async {
            self.input.write_all(&line).await?;
            self.input.flush().await
        };
        match written.await {
            Ok(()) => Ok(()),
            // A closed pipe: it has died, and its death says more than the pipe does.
            Err(_) => Err(self.died().await),
        }
    }

    async fn died(&mut self) -> WorkerError {
        let how = match timeout(GONE_LIMIT, self.child.wait()).await {
            Ok(Ok(status)) => in_words(status),
            Ok(Err(error)) => format!("is lost: {error}"),
            Err(_) => "has closed its output but still runs".to_owned(),
        };
        // What it wrote last may still be in the pipe, which a child of its may hold open.
        let _ = timeout(LISTEN_LIMIT, &mut self.listening).await;
        let last_words = self.last_words();
        WorkerError::ExecutorDied {
            pid: self.pid,
            how,
            last_words,
        }
    }

    fn last_words(&self) -> String {
        let lines = self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if lines.is_empty() {
            return String::new();
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        format!("; its last words: {}", lines.join(" | "))
    }

    fn kill_group(&self) {
        let Ok(group) = i32::try_from(self.pid) else {
            return;
        };
        // ESRCH: everybody is gone already.
        if let Err(error) = killpg(Pid::from_raw(group), Signal::SIGKILL)
            && error != nix::errno::Errno::ESRCH
        {
            tracing::warn!(pid = self.pid, "failed to kill an executor: {error}");
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // Also after its own end: what it started may have outlived it.
        if !self.gone {
            self.kill_group();
            self.mark.end_all();
        }
    }
}

fn in_words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code} while it should run a package"),
        (None, Some(signal)) => {
            let name = Signal::try_from(signal).map_or("an unknown signal", Signal::as_str);
            format!("was killed by {name}")
        }
        (None, None) => "ended".to_owned(),
    }
}

/// Ends with the process, which closes the pipe.
async fn keep_last_words(errors: ChildStderr, pid: u32, kept: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(errors).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::debug!(pid, "executor: {line}");
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == LAST_WORDS {
            kept.pop_front();
        }
        kept.push_back(line.chars().take(500).collect());
    }
}
