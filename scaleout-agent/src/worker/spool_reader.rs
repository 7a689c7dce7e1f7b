//! Reading a spool while it is written: first its file, then what waits for room.

use std::io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use scaleout_core::protocol::event::Event;

use super::spool_lines::{Line, Lines};

/// The reading side.
#[derive(Debug)]
pub(super) struct SpoolReader {
    lines: BufReader<FromStart>,
}

/// A file that is read from its start as far as its lines are whole, wherever others write.
#[derive(Debug)]
struct FromStart {
    lines: Arc<Lines>,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let whole = self.lines.whole();
        let left = usize::try_from(whole.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = into.len().min(left);
        let Some(file) = self.lines.file() else {
            return Ok(0);
        };
        let read = file.file().read_at(&mut into[..most], self.at)?;
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
    /// From the first event on.
    pub fn new(lines: &Arc<Lines>) -> Self {
        Self {
            lines: BufReader::new(FromStart {
                lines: Arc::clone(lines),
                at: 0,
            }),
        }
    }

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
                // What comes behind the file, if the file was not written on meanwhile.
                let last = events.last().map_or(after, |event: &Event| event.sequence);
                let (most, most_bytes) = (most - events.len(), most_bytes - bytes);
                let lines = &self.lines.get_ref().lines;
                events.extend(lines.writing().tail.take(last, most, most_bytes));
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

    /// The next whole line, and its length.
    pub fn next_line(&mut self) -> io::Result<Option<(Line, usize)>> {
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
