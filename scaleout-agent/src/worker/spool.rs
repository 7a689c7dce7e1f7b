//! Messages of one attempt on this worker's disk, from the executor until the master has them.
//!
//! One file of JSON lines per attempt: events in order, then the outcome. A line that a crash
//! cut short is not there. Lines go to the system's cache at once, so that a process that dies loses
//! nothing, and to the disk with the outcome where the master does not confirm it soon: a machine
//! that dies takes a running package along, and one that has ended is the master's by then.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use scaleout_core::protocol::event::Event;
use scaleout_core::protocol::executor::PackageUsage;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, Began};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::task_log::TaskLog;

/// Ending of a spool's file name.
const ENDING: &str = "spool";

/// The writing side.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    file: Mutex<File>,
    progress: watch::Sender<Progress>,
    task_log: Option<TaskLog>,
}

/// How far an attempt has got.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Progress {
    /// Highest sequence number written; 0 for none.
    pub last_sequence: u64,
    /// Where its package runs, once it does.
    pub began: Option<Began>,
    /// What the package has used, once it has ended.
    pub usage: Option<PackageUsage>,
    /// How it ended, once it has.
    pub outcome: Option<AttemptOutcome>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Began(Began),
    Event(Box<Event>),
    Used(PackageUsage),
    Finished(AttemptOutcome),
}

impl Spool {
    /// A new, empty spool.
    pub fn create(folder: &Path, key: AttemptKey) -> io::Result<Self> {
        let path = path_of(folder, key);
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self::over(path, file, Progress::default()))
    }

    /// What an earlier run of this worker left behind. A cut-off last line is removed.
    pub fn recover(folder: &Path, key: AttemptKey) -> io::Result<Self> {
        let path = path_of(folder, key);
        let (progress, whole_bytes) = read_through(&path)?;
        let file = OpenOptions::new().append(true).open(&path)?;
        file.set_len(whole_bytes)?;
        Ok(Self::over(path, file, progress))
    }

    fn over(path: PathBuf, file: File, progress: Progress) -> Self {
        Self {
            path,
            file: Mutex::new(file),
            progress: watch::Sender::new(progress),
            task_log: None,
        }
    }

    /// Writes what it gets into a task log too.
    pub fn told_to(self, task_log: TaskLog) -> Self {
        Self {
            task_log: Some(task_log),
            ..self
        }
    }

    /// Adds the next event. A short write to the system's cache: cheaper than handing it to
    /// another thread.
    pub fn append(&self, event: Event) -> io::Result<()> {
        let sequence = event.sequence;
        if let Some(task_log) = &self.task_log {
            task_log.event(&event);
        }
        drop(self.write(&Line::Event(Box::new(event)))?);
        self.progress
            .send_modify(|progress| progress.last_sequence = sequence);
        Ok(())
    }

    /// Says where its package runs.
    pub fn begin(&self, began: Began) -> io::Result<()> {
        drop(self.write(&Line::Began(began))?);
        self.progress
            .send_modify(|progress| progress.began = Some(began));
        Ok(())
    }

    /// Says what the package has used, before the outcome.
    pub fn used(&self, usage: PackageUsage) -> io::Result<()> {
        drop(self.write(&Line::Used(usage))?);
        self.progress
            .send_modify(|progress| progress.usage = Some(usage));
        Ok(())
    }

    /// Adds the outcome.
    pub fn finish(&self, outcome: AttemptOutcome) -> io::Result<()> {
        if let Some(task_log) = &self.task_log {
            task_log.ended(&outcome);
        }
        drop(self.write(&Line::Finished(outcome.clone()))?);
        self.progress
            .send_modify(|progress| progress.outcome = Some(outcome));
        Ok(())
    }

    /// Brings what is written to the disk: a machine that dies from now on loses nothing of it.
    pub fn sync(&self) -> io::Result<()> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.sync_data()
    }

    /// Moves with every line.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Highest sequence number written.
    pub fn last_sequence(&self) -> u64 {
        self.progress.borrow().last_sequence
    }

    /// A reader from the first event on.
    pub fn reader(&self) -> io::Result<SpoolReader> {
        Ok(SpoolReader {
            lines: BufReader::new(File::open(&self.path)?),
        })
    }

    /// The master has everything, or wants nothing of it.
    pub fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }

    fn write(&self, line: &Line) -> io::Result<std::sync::MutexGuard<'_, File>> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&text)?;
        Ok(file)
    }
}

/// The reading side.
#[derive(Debug)]
pub(super) struct SpoolReader {
    lines: BufReader<File>,
}

impl SpoolReader {
    /// The next events after number `after`, at most `most` and about `most_bytes`; empty when
    /// there are none yet.
    pub fn next_batch(
        &mut self,
        after: u64,
        most: usize,
        most_bytes: usize,
    ) -> io::Result<Vec<Event>> {
        let mut events = Vec::new();
        let mut bytes = 0;
        while events.len() < most && bytes < most_bytes {
            let Some((line, length)) = self.next_line()? else {
                break;
            };
            if let Line::Event(event) = line
                && after < event.sequence
            {
                bytes += length;
                events.push(*event);
            }
        }
        Ok(events)
    }

    /// Starts over with the first event.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.lines.seek(SeekFrom::Start(0)).map(|_| ())
    }

    fn next_line(&mut self) -> io::Result<Option<(Line, usize)>> {
        let start = self.lines.stream_position()?;
        let mut text = Vec::new();
        let length = self.lines.read_until(b'\n', &mut text)?;
        if text.last() != Some(&b'\n') {
            // Not written to its end yet.
            self.lines.seek(SeekFrom::Start(start))?;
            return Ok(None);
        }
        Ok(Some((serde_json::from_slice(&text)?, length)))
    }
}

/// The attempts that have a spool in a folder.
pub(super) fn left_behind(folder: &Path) -> io::Result<Vec<AttemptKey>> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        keys.extend(name.to_str().and_then(key_of));
    }
    keys.sort_unstable();
    Ok(keys)
}

fn path_of(folder: &Path, key: AttemptKey) -> PathBuf {
    folder.join(format!("{}-{}.{ENDING}", key.execution_id, key.attempt))
}

fn key_of(name: &str) -> Option<AttemptKey> {
    let (execution_id, attempt) = name
        .strip_suffix(ENDING)?
        .strip_suffix('.')?
        .split_once('-')?;
    Some(AttemptKey {
        execution_id: execution_id.parse().ok()?,
        attempt: attempt.parse().ok()?,
    })
}

/// How far a file got, and the length of its whole lines.
fn read_through(path: &Path) -> io::Result<(Progress, u64)> {
    let mut reader = SpoolReader {
        lines: BufReader::new(File::open(path)?),
    };
    let mut progress = Progress::default();
    let mut whole = 0;
    while let Some((line, length)) = reader.next_line()? {
        match line {
            Line::Began(began) => progress.began = Some(began),
            Line::Event(event) => progress.last_sequence = event.sequence,
            Line::Used(usage) => progress.usage = Some(usage),
            Line::Finished(outcome) => progress.outcome = Some(outcome),
        }
        whole += length as u64;
    }
    Ok((progress, whole))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use scaleout_core::protocol::event::{EventBody, OutputNote, PackageResult};

    use super::*;

    const KEY: AttemptKey = AttemptKey {
        execution_id: 42,
        attempt: 3,
    };

    fn event(sequence: u64) -> Event {
        Event {
            sequence,
            time: Timestamp::UNIX_EPOCH,
            body: EventBody::Output(OutputNote {
                component: "c".to_owned(),
                target: "line\nbreak".to_owned(),
            }),
        }
    }

    fn sequences(events: &[Event]) -> Vec<u64> {
        events.iter().map(|event| event.sequence).collect()
    }

    #[test]
    fn events_come_back_in_order_and_in_batches() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::create(folder.path(), KEY).unwrap();
        let mut reader = spool.reader().unwrap();
        assert!(reader.next_batch(0, 10, 1000).unwrap().is_empty());
        for sequence in 1..=5 {
            spool.append(event(sequence)).unwrap();
        }
        assert_eq!(sequences(&reader.next_batch(0, 2, 10_000).unwrap()), [1, 2]);
        assert_eq!(sequences(&reader.next_batch(0, 9, 1).unwrap()), [3]);
        assert_eq!(sequences(&reader.next_batch(4, 9, 10_000).unwrap()), [5]);
        reader.rewind().unwrap();
        assert_eq!(
            sequences(&reader.next_batch(0, 9, 10_000).unwrap()),
            [1, 2, 3, 4, 5]
        );
    }

    #[test]
    fn what_a_crash_leaves_is_recovered_without_its_cut_off_line() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::create(folder.path(), KEY).unwrap();
        spool.append(event(1)).unwrap();
        spool.append(event(2)).unwrap();
        let path = path_of(folder.path(), KEY);
        let whole = fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let recovered = Spool::recover(folder.path(), KEY).unwrap();
            let last = recovered.last_sequence();
            recovered.append(event(last + 1)).unwrap();
            let read = recovered
                .reader()
                .unwrap()
                .next_batch(0, 9, 10_000)
                .unwrap();
            assert_eq!(sequences(&read), (1..=last + 1).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn a_finished_attempt_is_still_finished_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = AttemptOutcome::Ran {
            result: PackageResult::Success,
        };
        let spool = Spool::create(folder.path(), KEY).unwrap();
        spool.append(event(1)).unwrap();
        spool.finish(outcome.clone()).unwrap();
        assert_eq!(left_behind(folder.path()).unwrap(), [KEY]);
        let recovered = Spool::recover(folder.path(), KEY).unwrap();
        let progress = recovered.progress().borrow().clone();
        assert_eq!(progress.last_sequence, 1);
        assert_eq!(progress.outcome, Some(outcome));
        recovered.remove().unwrap();
        assert!(left_behind(folder.path()).unwrap().is_empty());
    }
}
