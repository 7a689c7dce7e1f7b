//! The lines of one spool: written in order as far as the disk takes them, and what waits for room.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use scaleout_core::protocol::event::Event;
use scaleout_core::protocol::executor::PackageUsage;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, Began};
use serde::{Deserialize, Serialize};

use super::spool_folder::{SpoolFile, SpoolFolder};
use super::spool_tail::Tail;

/// Ending of a spool's file name.
pub(super) const ENDING: &str = "spool";

/// What the writing and the reading side share.
#[derive(Debug)]
pub(super) struct Lines {
    key: AttemptKey,
    folder: Arc<SpoolFolder>,
    /// Absent while the disk had no room even for an empty file.
    file: OnceLock<SpoolFile>,
    /// Length of its whole lines: what is behind them is not read.
    whole: AtomicU64,
    /// Held while a line is written, so that lines do not mix.
    writing: Mutex<Writing>,
}

/// What is to be written.
#[derive(Debug)]
pub(super) struct Writing {
    /// What the system said when the disk was full last, until everything is in the file.
    pub short: Option<String>,
    pub tail: Tail,
    /// Number of the last event that the file has, or says that the master has.
    pub in_file: u64,
    /// What a full disk did not take of the other lines: before the events, and behind them.
    pub head: Vec<Line>,
    pub foot: Vec<Line>,
}

/// A line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Began(Began),
    Event(Box<Event>),
    /// The events up to that number are the master's, and were never here.
    Sent(u64),
    /// So many were left out.
    LeftOut(u64),
    Used(PackageUsage),
    Finished(AttemptOutcome),
}

impl Lines {
    /// Of an attempt whose file is made with the first line, or later.
    pub fn new(folder: &Arc<SpoolFolder>, key: AttemptKey) -> Self {
        Self {
            key,
            folder: Arc::clone(folder),
            file: OnceLock::new(),
            whole: AtomicU64::new(0),
            writing: Mutex::new(Writing {
                short: None,
                tail: Tail::new(0, 0),
                in_file: 0,
                head: Vec::new(),
                foot: Vec::new(),
            }),
        }
    }

    /// Of an attempt that has a file, which is read as it is.
    pub fn existing(folder: &Arc<SpoolFolder>, key: AttemptKey) -> io::Result<Self> {
        let file = folder.existing(&name_of(key))?;
        let lines = Self::new(folder, key);
        let length = file.file().metadata()?.len();
        lines.set_file(file);
        lines.whole.store(length, Ordering::Release);
        Ok(lines)
    }

    /// Cuts a file off behind its whole lines; the numbers go on behind the last event.
    pub fn go_on(&self, whole: u64, last_sequence: u64, left_out: u64) -> io::Result<()> {
        if let Some(file) = self.file() {
            file.file().set_len(whole)?;
        }
        self.whole.store(whole, Ordering::Release);
        let mut writing = self.writing();
        writing.tail = Tail::new(last_sequence, left_out);
        writing.in_file = last_sequence;
        Ok(())
    }

    /// The file, if there was room for it.
    pub fn file(&self) -> Option<&SpoolFile> {
        self.file.get()
    }

    /// Length of the whole lines.
    pub fn whole(&self) -> u64 {
        self.whole.load(Ordering::Acquire)
    }

    /// What is to be written, for one at a time.
    pub fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file, made if need be; `Err` within says that there is no room for it.
    pub fn make_file(&self) -> io::Result<Result<&SpoolFile, io::Error>> {
        if let Some(file) = self.file.get() {
            return Ok(Ok(file));
        }
        match self.folder.create(&name_of(self.key)) {
            Ok(file) => Ok(Ok(self.set_file(file))),
            Err(error) if is_full(&error) => Ok(Err(error)),
            Err(error) => Err(error),
        }
    }

    fn set_file(&self, file: SpoolFile) -> &SpoolFile {
        self.file.get_or_init(|| file)
    }

    /// Writes a line, wholly or not at all; false when the disk is full.
    pub fn put(&self, writing: &mut Writing, text: &[u8]) -> io::Result<bool> {
        let written = self.make_file()?.and_then(|file| {
            let written = file.file().write_all(text);
            if written.is_err() {
                // What there was room for is no line.
                file.file().set_len(self.whole.load(Ordering::Relaxed))?;
            }
            written
        });
        match written {
            Ok(()) => {
                self.whole.fetch_add(text.len() as u64, Ordering::Release);
                Ok(true)
            }
            Err(error) if is_full(&error) => {
                if writing.short.is_none() {
                    let (execution_id, attempt) = (self.key.execution_id, self.key.attempt);
                    tracing::warn!(
                        execution_id,
                        attempt,
                        "the disk of the spool is full ({error}); its package goes on, and what it says waits in memory"
                    );
                }
                writing.short = Some(error.to_string());
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes what waits, in order, as far as the disk takes it.
    pub fn catch_up(&self, writing: &mut Writing) -> io::Result<()> {
        while let Some(line) = writing.next_line() {
            if !self.put(writing, &text_of(&line)?)? {
                return Ok(());
            }
            writing.is_written(&line);
        }
        if writing.short.take().is_some() {
            let (execution_id, attempt) = (self.key.execution_id, self.key.attempt);
            tracing::info!(
                execution_id,
                attempt,
                "the disk of the spool has room again"
            );
        }
        Ok(())
    }
}

impl Writing {
    /// The line that is to be written next. Behind the last event, the warning that some are not
    /// there.
    fn next_line(&mut self) -> Option<Line> {
        if let Some(line) = self.head.first() {
            return Some(line.clone());
        }
        if self.tail.first().is_none()
            && let Some(reason) = &self.short
        {
            self.tail.say_what_was_left_out(reason);
        }
        let (first, before) = (self.tail.first(), self.tail.before());
        if self.in_file < before && (first.is_some() || !self.foot.is_empty()) {
            return Some(Line::Sent(before));
        }
        match first {
            Some(event) => Some(Line::Event(Box::new(event))),
            None => self.foot.first().cloned(),
        }
    }

    fn is_written(&mut self, line: &Line) {
        match line {
            Line::Began(_) => {
                self.head.remove(0);
            }
            Line::Sent(through) => self.in_file = *through,
            Line::Event(event) => {
                self.in_file = event.sequence;
                self.tail.pop();
            }
            Line::LeftOut(_) | Line::Used(_) | Line::Finished(_) => {
                self.foot.remove(0);
            }
        }
    }
}

/// Whether a disk, or what this account may use of it, is full.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// A line as it is in the file.
pub(super) fn text_of(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

/// The name of the file of an attempt.
pub(super) fn name_of(key: AttemptKey) -> String {
    format!("{}-{}.{ENDING}", key.execution_id, key.attempt)
}
