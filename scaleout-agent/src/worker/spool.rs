//! Messages of one attempt on this worker's disk, from the executor until the master has them.
//!
//! One file of JSON lines per attempt: events in order, then the outcome. A line that a crash
//! cut short is not there. Lines go to the system's cache at once, so that a process that dies loses
//! nothing, and to the disk with the outcome where the master does not confirm it soon: a machine
//! that dies takes a running package along, and one that has ended is the master's by then.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use scaleout_core::protocol::event::Event;
use scaleout_core::protocol::executor::PackageUsage;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, Began};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::spool_folder::{SpoolFile, SpoolFolder};
use super::task_log::TaskLog;

/// Ending of a spool's file name.
const ENDING: &str = "spool";

/// The writing side.
#[derive(Debug)]
pub(super) struct Spool {
    file: Arc<SpoolFile>,
    /// Held while a line is written, so that lines do not mix.
    writing: Mutex<()>,
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
    pub fn create(folder: &Arc<SpoolFolder>, key: AttemptKey) -> io::Result<Self> {
        let file = folder.create(&name_of(key))?;
        Ok(Self::over(file, Progress::default()))
    }

    /// What an earlier run of this worker left behind. A cut-off last line is removed.
    pub fn recover(folder: &Arc<SpoolFolder>, key: AttemptKey) -> io::Result<Self> {
        let spool = Self::over(folder.existing(&name_of(key))?, Progress::default());
        let (progress, whole_bytes) = read_through(spool.reader())?;
        spool.file.file().set_len(whole_bytes)?;
        spool.progress.send_replace(progress);
        Ok(spool)
    }

    fn over(file: SpoolFile, progress: Progress) -> Self {
        Self {
            file: Arc::new(file),
            writing: Mutex::new(()),
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
        self.write(&Line::Event(Box::new(event)))?;
        self.progress
            .send_modify(|progress| progress.last_sequence = sequence);
        Ok(())
    }

    /// Says where its package runs.
    pub fn begin(&self, began: Began) -> io::Result<()> {
        self.write(&Line::Began(began))?;
        self.progress
            .send_modify(|progress| progress.began = Some(began));
        Ok(())
    }

    /// Says what the package has used, before the outcome.
    pub fn used(&self, usage: PackageUsage) -> io::Result<()> {
        self.write(&Line::Used(usage))?;
        self.progress
            .send_modify(|progress| progress.usage = Some(usage));
        Ok(())
    }

    /// Adds the outcome.
    pub fn finish(&self, outcome: AttemptOutcome) -> io::Result<()> {
        if let Some(task_log) = &self.task_log {
            task_log.ended(&outcome);
        }
        self.write(&Line::Finished(outcome.clone()))?;
        self.progress
            .send_modify(|progress| progress.outcome = Some(outcome));
        Ok(())
    }

    /// Brings what is written to the disk: a machine that dies from now on loses nothing of it.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync()
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
    pub fn reader(&self) -> SpoolReader {
        SpoolReader {
            lines: BufReader::new(FromStart {
                file: Arc::clone(&self.file),
                at: 0,
            }),
        }
    }

    /// The master has everything, or wants nothing of it.
    pub fn remove(&self) -> io::Result<()> {
        self.file.release()
    }

    fn write(&self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.file.file().write_all(&text)
    }
}

/// The reading side.
#[derive(Debug)]
pub(super) struct SpoolReader {
    lines: BufReader<FromStart>,
}

/// A file that is read from its start, wherever others write.
#[derive(Debug)]
struct FromStart {
    file: Arc<SpoolFile>,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.file().read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for FromStart {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(_) => None,
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
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
pub(super) fn left_behind(folder: &SpoolFolder) -> io::Result<Vec<AttemptKey>> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(folder.path())? {
        let name = entry?.file_name();
        keys.extend(name.to_str().and_then(key_of));
    }
    keys.sort_unstable();
    Ok(keys)
}

/// Whether a file is a spool, by its name; others wait to become one.
#[must_use]
pub fn is_spool(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

fn name_of(key: AttemptKey) -> String {
    format!("{}-{}.{ENDING}", key.execution_id, key.attempt)
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
fn read_through(mut reader: SpoolReader) -> io::Result<(Progress, u64)> {
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
        let at = tempfile::tempdir().unwrap();
        let folder = SpoolFolder::open(at.path().to_owned()).unwrap();
        let spool = Spool::create(&folder, KEY).unwrap();
        let mut reader = spool.reader();
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
        let at = tempfile::tempdir().unwrap();
        let folder = SpoolFolder::open(at.path().to_owned()).unwrap();
        let spool = Spool::create(&folder, KEY).unwrap();
        spool.append(event(1)).unwrap();
        spool.append(event(2)).unwrap();
        let path = at.path().join(name_of(KEY));
        let whole = fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let recovered = Spool::recover(&folder, KEY).unwrap();
            let last = recovered.last_sequence();
            recovered.append(event(last + 1)).unwrap();
            let read = recovered.reader().next_batch(0, 9, 10_000).unwrap();
            assert_eq!(sequences(&read), (1..=last + 1).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn a_finished_attempt_is_still_finished_after_a_restart() {
        let at = tempfile::tempdir().unwrap();
        let folder = SpoolFolder::open(at.path().to_owned()).unwrap();
        let outcome = AttemptOutcome::Ran {
            result: PackageResult::Success,
        };
        let spool = Spool::create(&folder, KEY).unwrap();
        spool.append(event(1)).unwrap();
        spool.finish(outcome.clone()).unwrap();
        assert_eq!(left_behind(&folder).unwrap(), [KEY]);
        let recovered = Spool::recover(&folder, KEY).unwrap();
        let progress = recovered.progress().borrow().clone();
        assert_eq!(progress.last_sequence, 1);
        assert_eq!(progress.outcome, Some(outcome));
        recovered.remove().unwrap();
        assert!(left_behind(&folder).unwrap().is_empty());
    }
}
