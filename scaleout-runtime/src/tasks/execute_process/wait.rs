//! Waiting for a process: until it ends, its time is over, or the package is stopped.

use std::io::{Read, Write};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use jiff::Timestamp;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::cancel::CancelToken;
use crate::services::Clock;

/// How often a stop and the time are looked at.
const POLL: Duration = Duration::from_millis(10);
/// How long a process may take to leave when asked, before it is killed.
const GRACE: u32 = 30;

/// How the wait ended.
#[derive(Debug)]
pub(super) enum Waited {
    Ended(ExitStatus),
    TimeOver,
    Canceled,
}

/// When to stop waiting.
pub(super) struct Limits<'a> {
    pub(super) cancel: &'a CancelToken,
    pub(super) clock: &'a dyn Clock,
    /// The process's time is over then.
    pub(super) deadline: Option<Timestamp>,
    /// End the process when its time is over, or leave it running.
    pub(super) terminate: bool,
}

/// Waits for the process; ends it and its group when it must not go on.
///
/// # Errors
/// The system cannot say how it is.
pub(super) fn wait(child: &mut Child, limits: &Limits<'_>) -> std::io::Result<Waited> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Waited::Ended(status));
        }
        if limits.cancel.is_canceled() {
            terminate(child)?;
            return Ok(Waited::Canceled);
        }
        let is_over = limits.deadline.is_some_and(|at| at <= limits.clock.now());
        if is_over {
            if limits.terminate {
                terminate(child)?;
            }
            return Ok(Waited::TimeOver);
        }
        std::thread::sleep(POLL);
    }
}

/// Asks the whole process group to leave, then kills it.
fn terminate(child: &mut Child) -> std::io::Result<()> {
    let group = Pid::from_raw(child.id().cast_signed());
    // A group that is gone already is what was wanted.
    let _gone = killpg(group, Signal::SIGTERM);
    for _ in 0..GRACE {
        if child.try_wait()?.is_some() {
            break;
        }
        std::thread::sleep(POLL);
    }
    // Children of the process may be left even when it is gone itself.
    let _gone = killpg(group, Signal::SIGKILL);
    child.wait()?;
    Ok(())
}

/// Bytes of a stream, read by a thread of their own so that neither side blocks.
pub(super) struct Captured(Option<Receiver<Vec<u8>>>);

impl Captured {
    /// Reads a stream to its end; `limit` keeps only the last bytes.
    pub(super) fn start(
        stream: Option<impl Read + Send + 'static>,
        limit: Option<usize>,
    ) -> std::io::Result<Self> {
        let Some(stream) = stream else {
            return Ok(Self(None));
        };
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new().spawn(move || {
            let bytes = read(stream, limit);
            // Nobody waits any more after a stop.
            let _unwanted = sender.send(bytes);
        })?;
        Ok(Self(Some(receiver)))
    }

    /// The text once the stream has ended; what a process left behind still holds it open
    /// ends the wait only when the package is stopped.
    pub(super) fn text(self, cancel: &CancelToken) -> String {
        let Some(receiver) = self.0 else {
            return String::new();
        };
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(bytes) => return String::from_utf8_lossy(&bytes).into_owned(),
                Err(RecvTimeoutError::Disconnected) => return String::new(),
                Err(RecvTimeoutError::Timeout) if cancel.is_canceled() => return String::new(),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

fn read(mut stream: impl Read, limit: Option<usize>) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return kept,
            Ok(count) => kept.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return kept,
        }
        if let Some(limit) = limit
            && limit * 2 < kept.len()
        {
            kept.drain(..kept.len() - limit);
        }
    }
}

/// Writes the input by a thread of its own: the process may never read it.
///
/// # Errors
/// No thread can be started.
pub(super) fn feed(to: Option<impl Write + Send + 'static>, text: String) -> std::io::Result<()> {
    let Some(mut to) = to else { return Ok(()) };
    std::thread::Builder::new().spawn(move || {
        // A process that closes its input early does not want the rest.
        let _unwanted = to.write_all(text.as_bytes());
    })?;
    Ok(())
}
