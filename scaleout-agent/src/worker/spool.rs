//! Messages of one attempt on this worker's disk, from the executor until the master has them.
//!
//! One file of JSON lines per attempt: events in order, then the outcome. A line that a crash
//! cut short is not there. Lines go to the system's cache at once, so that a process that dies loses
//! nothing, and to the disk with the outcome where the master does not confirm it soon: a machine
//! that dies takes a running package along, and one that has ended is the master's by then.
//!
//! A full disk ends no package. What it does not take waits in memory (`spool_tail.rs`) until there is room
//! or the master has it; a worker that dies meanwhile loses that, and the attempt with it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use scaleout_core::protocol::event::Event;
use scaleout_core::protocol::executor::PackageUsage;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, Began};
use tokio::sync::watch;

use super::spool_folder::{SpoolFile, SpoolFolder};
use super::spool_lines::{ENDING, Line, Lines, Writing, text_of};
use super::spool_reader::SpoolReader;
use super::task_log::TaskLog;

/// The writing side.
#[derive(Debug)]
pub(super) struct Spool {
    lines: Arc<Lines>,
    progress: watch::Sender<Progress>,
    task_log: Option<TaskLog>,
}

/// How far an attempt has got.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Progress {
    /// Highest sequence number; 0 for none.
    pub last_sequence: u64,
    /// Events that were left out, as the disk was full.
    pub left_out: u64,
    /// Where its package runs, once it does.
    pub began: Option<Began>,
    /// What the package has used, once it has ended.
    pub usage: Option<PackageUsage>,
    /// How it ended, once it has.
    pub outcome: Option<AttemptOutcome>,
}

impl Spool {
    /// A new, empty spool. Without room for its file now, that is made later.
    pub fn create(folder: &Arc<SpoolFolder>, key: AttemptKey) -> io::Result<Self> {
        let lines = Lines::new(folder, key);
        if let Err(full) = lines.make_file()? {
            tracing::warn!("the disk of the spools is full: {full}");
        }
        Ok(Self::over(lines, Progress::default()))
    }

    /// What an earlier run of this worker left behind. A cut-off last line is removed.
    pub fn recover(folder: &Arc<SpoolFolder>, key: AttemptKey) -> io::Result<Self> {
        let found = Self::over(Lines::existing(folder, key)?, Progress::default());
        let (progress, whole) = read_through(found.reader())?;
        let (last, left_out) = (progress.last_sequence, progress.left_out);
        found.lines.go_on(whole, last, left_out)?;
        found.progress.send_replace(progress);
        Ok(found)
    }

    fn over(lines: Lines, progress: Progress) -> Self {
        Self {
            lines: Arc::new(lines),
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

    /// Adds the next event, under the next number. A short write to the system's cache: cheaper than
    /// handing it to another thread.
    pub fn append(&self, mut event: Event) -> io::Result<()> {
        if let Some(task_log) = &self.task_log {
            task_log.event(&event);
        }
        let mut writing = self.lines.writing();
        event.sequence = writing.tail.last_sequence() + 1;
        let line = Line::Event(Box::new(event));
        let text = text_of(&line)?;
        if writing.short.is_none() && self.lines.put(&mut writing, &text)? {
            writing.tail.pass();
            writing.in_file += 1;
        } else if let Line::Event(event) = line {
            writing.tail.push(*event, text.len());
            self.lines.catch_up(&mut writing)?;
        }
        self.note(&writing, |_| {});
        Ok(())
    }

    /// Says where its package runs.
    pub fn begin(&self, began: Began) -> io::Result<()> {
        let mut writing = self.lines.writing();
        writing.head.push(Line::Began(began));
        self.lines.catch_up(&mut writing)?;
        self.note(&writing, |progress| progress.began = Some(began));
        Ok(())
    }

    /// Says what the package has used, before the outcome.
    pub fn used(&self, usage: PackageUsage) -> io::Result<()> {
        let mut writing = self.lines.writing();
        writing.foot.push(Line::Used(usage));
        self.lines.catch_up(&mut writing)?;
        self.note(&writing, |progress| progress.usage = Some(usage));
        Ok(())
    }

    /// Adds the outcome.
    pub fn finish(&self, outcome: AttemptOutcome) -> io::Result<()> {
        if let Some(task_log) = &self.task_log {
            task_log.ended(&outcome);
        }
        let mut writing = self.lines.writing();
        if let Some(reason) = writing.short.clone() {
            writing.tail.say_what_was_left_out(&reason);
        }
        let left_out = writing.tail.left_out();
        if 0 < left_out {
            writing.foot.push(Line::LeftOut(left_out));
        }
        writing.foot.push(Line::Finished(outcome.clone()));
        self.lines.catch_up(&mut writing)?;
        self.note(&writing, |progress| progress.outcome = Some(outcome));
        Ok(())
    }

    /// Writes what a full disk did not take, if it takes it now.
    pub fn retry(&self) -> io::Result<()> {
        let mut writing = self.lines.writing();
        if writing.short.is_some() {
            self.lines.catch_up(&mut writing)?;
            self.note(&writing, |_| {});
        }
        Ok(())
    }

    /// Brings what is written to the disk: a machine that dies from now on loses nothing of it. False
    /// while the disk is full: then a part is in memory alone.
    pub fn sync(&self) -> io::Result<bool> {
        self.retry()?;
        if self.is_short() {
            return Ok(false);
        }
        if let Some(file) = self.lines.file() {
            file.sync()?;
        }
        Ok(true)
    }

    /// Whether a part is in memory alone, as the disk is full.
    pub fn is_short(&self) -> bool {
        self.lines.writing().short.is_some()
    }

    /// The master has everything up to that number.
    pub fn acknowledge(&self, through: u64) {
        self.lines.writing().tail.acknowledge(through);
    }

    /// Events up to that number are at the master alone: there is nothing to send before.
    pub fn floor(&self) -> u64 {
        let writing = self.lines.writing();
        let sent = writing.tail.before();
        if writing.in_file < sent { sent } else { 0 }
    }

    /// Moves with every line.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// A reader from the first event on.
    pub fn reader(&self) -> SpoolReader {
        SpoolReader::new(&self.lines)
    }

    /// The master has everything, or wants nothing of it.
    pub fn remove(&self) -> io::Result<()> {
        self.lines.file().map_or(Ok(()), SpoolFile::release)
    }

    fn note(&self, writing: &Writing, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(|progress| {
            progress.last_sequence = writing.tail.last_sequence();
            progress.left_out = writing.tail.left_out();
            change(progress);
        });
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
            Line::Sent(through) => progress.last_sequence = through,
            Line::LeftOut(count) => progress.left_out = count,
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

    use super::super::small_disk::SmallDisk;
    use super::super::spool_lines::name_of;
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
            let last = recovered.progress().borrow().last_sequence;
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
    #[test]
    fn what_a_full_disk_does_not_take_has_its_number_and_goes_there_later() {
        let at = tempfile::tempdir().unwrap();
        let Some(disk) = SmallDisk::mount_or_skip(at.path(), "64k") else {
            return;
        };
        let folder = SpoolFolder::open(disk.path().to_owned()).unwrap();
        let spool = Spool::create(&folder, KEY).unwrap();
        let mut reader = spool.reader();
        let mut batch = |after| sequences(&reader.next_batch(after, 99, 99_999).unwrap());
        for sequence in 1..=3 {
            spool.append(event(sequence)).unwrap();
        }
        disk.fill();
        // The page that the file has is filled first.
        let mut last = 3;
        while !spool.is_short() {
            last += 1;
            spool.append(event(last)).unwrap();
        }
        let in_file = last - 1;
        spool.append(event(last + 1)).unwrap();
        spool.append(event(last + 2)).unwrap();
        spool.begin(Began::default()).unwrap();
        assert!(!spool.sync().unwrap(), "not all is on the disk");
        assert_eq!(batch(in_file), [last, last + 1, last + 2]);
        spool.acknowledge(last + 1);
        assert_eq!(spool.floor(), last + 1);
        assert_eq!(batch(last + 1), [last + 2]);
        disk.free();
        assert!(spool.sync().unwrap());
        let again = Spool::recover(&folder, KEY).unwrap();
        let progress = again.progress().borrow().clone();
        assert_eq!(progress.last_sequence, last + 2);
        assert_eq!(progress.began, Some(Began::default()));
        let mut events = again.reader().next_batch(0, 999, 99_999).unwrap();
        assert_eq!(events.pop().unwrap().sequence, last + 2);
        assert_eq!(sequences(&events), (1..=in_file).collect::<Vec<u64>>());
    }
}
