//! Log files: written with rotation, read from their end or from a position on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use scaleout_core::protocol::logs::{LogPage, LogQuery};

use crate::files::private_folder;

/// A file that is longer is put aside for a new one.
const MOST_BYTES: u64 = 10 << 20;
/// Files that are kept beside the one that is written.
const KEPT: u32 = 5;
/// Most bytes of lines in one page.
const PAGE_BYTES: usize = 1 << 20;
/// Most bytes of a file that are looked at to know it again.
const HEAD_BYTES: u64 = 4096;
/// Lines of a page that nobody has counted.
const LINES: u32 = 100;

/// Where a service has its log: `NAME.log`, and `NAME.1.log` to `NAME.5.log`, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// Folder.
    pub folder: PathBuf,
    /// Name of the files, without an ending.
    pub name: &'static str,
}

impl LogPlace {
    /// The service log of a master with this data folder.
    #[must_use]
    pub fn of_master(data: &Path) -> Self {
        Self {
            folder: data.join("ScaleOut/Master"),
            name: "master",
        }
    }

    /// The service log of a worker with this data folder.
    #[must_use]
    pub fn of_worker(data: &Path) -> Self {
        Self {
            folder: data.join("ScaleOut/Agent"),
            name: "worker",
        }
    }

    fn file(&self, number: u32) -> PathBuf {
        let (folder, name) = (&self.folder, self.name);
        match number {
            0 => folder.join(format!("{name}.log")),
            _ => folder.join(format!("{name}.{number}.log")),
        }
    }

    /// A part of the log.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(&self, query: &LogQuery) -> io::Result<LogPage> {
        let files = (0..=KEPT).rev().map(|number| self.file(number));
        read(
            &files.filter(|file| file.exists()).collect::<Vec<_>>(),
            query,
        )
    }
}

/// A log that is written. Lines of several threads do not mix: each is written at once.
#[derive(Debug)]
pub struct RotatingLog {
    place: LogPlace,
    most_bytes: u64,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    bytes: u64,
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { file, bytes })
    }
}

impl RotatingLog {
    /// Goes on with the log that is there.
    ///
    /// # Errors
    /// The folder or the file cannot be made.
    pub fn open(place: LogPlace) -> io::Result<Self> {
        Self::open_with(place, MOST_BYTES)
    }

    fn open_with(place: LogPlace, most_bytes: u64) -> io::Result<Self> {
        private_folder(&place.folder)?;
        let open = Open::at(&place.file(0))?;
        Ok(Self {
            place,
            most_bytes,
            open: Mutex::new(open),
        })
    }

    /// Writes one line, with its end.
    ///
    /// # Errors
    /// The disk is full, or the file is gone.
    pub fn write_line(&self, line: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if 0 < open.bytes && self.most_bytes < open.bytes.saturating_add(length) {
            *open = self.turn()?;
        }
        open.file.write_all(line)?;
        open.bytes += length;
        Ok(())
    }

    /// Puts the file aside and begins a new one.
    fn turn(&self) -> io::Result<Open> {
        for number in (0..KEPT).rev() {
            match fs::rename(self.place.file(number), self.place.file(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Open::at(&self.place.file(0))
    }
}

/// A position in files that are put aside and removed: which file, and how far into it. A file keeps
/// its number when it is renamed; a later one may get it again, but begins with another line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    file: Identity,
    offset: u64,
}

/// What a file is known by, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    inode: u64,
    /// Of its first line; 0 where that is not whole yet.
    first_line: u64,
}

impl Identity {
    fn of(file: &mut File) -> io::Result<Self> {
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.take(HEAD_BYTES).read_to_end(&mut head)?;
        let line = head.iter().position(|byte| *byte == b'\n');
        Ok(Self {
            inode: file.metadata()?.ino(),
            first_line: line.map_or(0, |end| mixed(&head[..end])),
        })
    }
}

impl Identity {
    /// Whether it is the file that was known so; one without a whole line may have got one.
    fn is(self, known: Self) -> bool {
        self.inode == known.inode && [self.first_line, 0].contains(&known.first_line)
    }
}

/// FNV-1a: a number that differs where texts do, mostly.
fn mixed(bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325;
    bytes.iter().fold(start, |number, byte| {
        (number ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl Position {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(':').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            file: Identity {
                inode: next()?,
                first_line: next()?,
            },
            offset: next()?,
        })
    }

    fn text(self) -> String {
        let Identity { inode, first_line } = self.file;
        format!("{inode}:{first_line}:{}", self.offset)
    }
}

/// Reads a part of a log that is in these files, the oldest first.
pub(crate) fn read(files: &[PathBuf], query: &LogQuery) -> io::Result<LogPage> {
    let mut open = Vec::new();
    for path in files {
        let mut file = File::open(path)?;
        open.push((Identity::of(&mut file)?, file));
    }
    match query.after.as_deref().and_then(Position::parse) {
        Some(position) => read_after(&mut open, position),
        None => read_tail(&mut open, query.tail.unwrap_or(LINES)),
    }
}

/// What was written after a position. What is gone meanwhile is left out.
fn read_after(files: &mut [(Identity, File)], position: Position) -> io::Result<LogPage> {
    let found = files.iter().position(|(file, _)| file.is(position.file));
    let (first, mut offset) = match found {
        Some(number) => (number, position.offset),
        None => (0, 0),
    };
    let mut page = LogPage::default();
    let mut room = PAGE_BYTES;
    for (identity, file) in &mut files[first..] {
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        let wanted = u64::try_from(room).unwrap_or(u64::MAX);
        file.take(wanted).read_to_end(&mut bytes)?;
        let whole = whole_lines(&bytes);
        // A line that is longer than a page alone is passed over in pieces.
        let taken = match whole {
            0 if bytes.len() == PAGE_BYTES => bytes.len(),
            whole => whole,
        };
        push_lines(&mut page.lines, &bytes[..taken]);
        room -= taken;
        let end = Position {
            file: *identity,
            offset: offset + u64::try_from(taken).unwrap_or(u64::MAX),
        };
        page.next = Some(end.text());
        if taken < bytes.len() || room == 0 {
            break;
        }
        offset = 0;
    }
    Ok(page)
}

/// The last lines.
fn read_tail(files: &mut [(Identity, File)], most: u32) -> io::Result<LogPage> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut page = LogPage::default();
    let mut room = PAGE_BYTES;
    for (identity, file) in files.iter_mut().rev() {
        let length = file.metadata()?.len();
        let start = length.saturating_sub(u64::try_from(room).unwrap_or(u64::MAX));
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(length - start).read_to_end(&mut bytes)?;
        let whole = whole_lines(&bytes);
        if page.next.is_none() {
            let offset = start + u64::try_from(whole).unwrap_or(u64::MAX);
            let file = *identity;
            page.next = Some(Position { file, offset }.text());
        }
        let mut lines = Vec::new();
        push_lines(&mut lines, &bytes[..whole]);
        if 0 < start && !lines.is_empty() {
            // Cut off.
            lines.remove(0);
        }
        room -= whole;
        let missing = most - page.lines.len();
        let mut taken = lines.split_off(lines.len().saturating_sub(missing));
        taken.append(&mut page.lines);
        page.lines = taken;
        if page.lines.len() == most || 0 < start {
            break;
        }
    }
    Ok(page)
}

/// How many bytes whole lines take: one that is being written is not there yet.
fn whole_lines(bytes: &[u8]) -> usize {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    end.map_or(0, |end| end + 1)
}

fn push_lines(lines: &mut Vec<String>, bytes: &[u8]) {
    let all = bytes.split(|byte| *byte == b'\n');
    let filled = all.filter(|line| !line.is_empty());
    lines.extend(filled.map(|line| String::from_utf8_lossy(line).into_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &Path) -> LogPlace {
        LogPlace {
            folder: folder.join("logs"),
            name: "test",
        }
    }

    fn tail(lines: u32) -> LogQuery {
        LogQuery {
            tail: Some(lines),
            after: None,
        }
    }

    fn after(page: &LogPage) -> LogQuery {
        LogQuery {
            tail: None,
            after: page.next.clone(),
        }
    }

    #[test]
    fn a_log_turns_over_and_keeps_so_many_files() {
        let folder = tempfile::tempdir().unwrap();
        let log = RotatingLog::open_with(place(folder.path()), 10).unwrap();
        for number in 0..20 {
            log.write_line(format!("line{number:02}\n").as_bytes())
                .unwrap();
        }
        assert_eq!(fs::read_dir(folder.path().join("logs")).unwrap().count(), 6);
        let page = place(folder.path()).read(&tail(100)).unwrap();
        let expected: Vec<String> = (14..20).map(|number| format!("line{number}")).collect();
        assert_eq!(page.lines, expected);
        let page = place(folder.path()).read(&tail(2)).unwrap();
        assert_eq!(page.lines, ["line18", "line19"]);
    }

    #[test]
    fn a_reader_goes_on_where_it_was_across_a_turn_and_after_files_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let log = RotatingLog::open_with(place(folder.path()), 14).unwrap();
        let write = |number: u32| {
            log.write_line(format!("line{number:02}\n").as_bytes())
                .unwrap()
        };
        let read = |query: &LogQuery| place(folder.path()).read(query).unwrap();
        write(0);
        let first = read(&tail(10));
        assert_eq!(first.lines, ["line00"]);
        assert_eq!(read(&after(&first)).lines, Vec::<String>::new());
        for number in 1..4 {
            write(number);
        }
        let second = read(&after(&first));
        assert_eq!(second.lines, ["line01", "line02", "line03"]);
        for number in 4..40 {
            write(number);
        }
        let third = read(&after(&second));
        assert_eq!(
            third.lines.first().unwrap(),
            "line28",
            "what is gone is left out"
        );
        assert_eq!(third.lines.last().unwrap(), "line39");
    }

    #[test]
    fn a_line_that_is_being_written_is_read_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.log");
        fs::write(&file, "one\ntw").unwrap();
        let files = [file.clone()];
        let page = read(&files, &tail(5)).unwrap();
        assert_eq!(page.lines, ["one"]);
        fs::write(&file, "one\ntwo\n").unwrap();
        assert_eq!(read(&files, &after(&page)).unwrap().lines, ["two"]);
        assert_eq!(read(&[], &tail(5)).unwrap(), LogPage::default());
    }

    #[test]
    fn a_page_is_bounded_and_the_next_one_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.log");
        let line = "x".repeat(1000);
        let text: String = (0..3000).map(|_| format!("{line}\n")).collect();
        fs::write(&file, text).unwrap();
        let files = [file.clone()];
        let identity = Identity::of(&mut File::open(&file).unwrap()).unwrap();
        let start = Position {
            file: identity,
            offset: 0,
        };
        let mut query = LogQuery {
            tail: None,
            after: Some(start.text()),
        };
        let mut count = 0;
        loop {
            let page = read(&files, &query).unwrap();
            if page.lines.is_empty() {
                break;
            }
            assert!(page.lines.iter().all(|one| *one == line));
            count += page.lines.len();
            query = after(&page);
        }
        assert_eq!(count, 3000);
    }
}
