//! The XML file log provider: one `dtslog` for each run, one `record` for each entry.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::entry::{Entry, us_time};
use super::logs::Writer;

const HEAD: &str = "<?xml version=\"1.0\"?>\n<dtslogs>\n";
const BEGIN: &str = "<dtslog>\n";
/// Ends the log of a run and the file: written behind each entry and overwritten by the next one,
/// so that the file can be read at any time.
const TAIL: &str = "</dtslog>\n</dtslogs>\n";
const END_OF_FILE: &str = "</dtslogs>\n";

/// An open file, and where the next entry goes.
pub(super) struct XmlFile {
    file: File,
    at: u64,
}

impl XmlFile {
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)?;
        let length = file.metadata()?.len();
        let at = match length {
            0 => {
                file.write_all(HEAD.as_bytes())?;
                HEAD.len() as u64
            }
            _ => end_of_runs(&mut file, length)?,
        };
        let mut own = Self { file, at };
        own.append(BEGIN)?;
        Ok(own)
    }

    fn append(&mut self, text: &str) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(self.at))?;
        self.file.write_all(format!("{text}{TAIL}").as_bytes())?;
        self.at += text.len() as u64;
        Ok(())
    }
}

/// Where the next run begins in a file that has some already.
fn end_of_runs(file: &mut File, length: u64) -> std::io::Result<u64> {
    let tail = END_OF_FILE.len() as u64;
    let start = length.saturating_sub(tail);
    file.seek(SeekFrom::Start(start))?;
    let mut end = String::new();
    file.read_to_string(&mut end)?;
    match end == END_OF_FILE {
        true => Ok(start),
        false => Err(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "the file exists and is no log of this provider; name another file",
        )),
    }
}

impl Writer for XmlFile {
    fn write(&mut self, entry: &Entry) -> Result<(), String> {
        let (start, end) = (us_time(entry.start), us_time(entry.end));
        let code = entry.code.to_string();
        let fields = [
            ("event", entry.event.as_str()),
            ("message", &entry.message),
            ("computer", &entry.computer),
            ("operator", &entry.operator),
            ("source", &entry.source),
            ("sourceid", &entry.source_id),
            ("executionid", &entry.execution_id),
            ("starttime", &start),
            ("endtime", &end),
            ("datacode", &code),
            ("databytes", "0x"),
        ];
        let mut record = "<record>".to_owned();
        for (name, text) in fields {
            record += &format!("<{name}>{}</{name}>", escaped(text));
        }
        record += "</record>\n";
        self.append(&record).map_err(|error| error.to_string())
    }
}

/// Text as XML has it. Characters that XML cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '\t' | '\n' => out.push(letter),
            '\r' => out += "&#13;",
            control if control < ' ' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use scaleout_core::package::xml;

    use super::super::entry::tests::entry;
    use super::*;

    #[test]
    fn the_file_is_whole_after_each_entry_and_holds_every_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xml");
        let read = || xml::read(&std::fs::read(&path).unwrap(), "x.xml").unwrap();
        for run in 1..=2 {
            let mut log = XmlFile::open(&path).unwrap();
            log.write(&entry("OnError", "a < b & \u{1}")).unwrap();
            log.write(&entry("OnPostExecute", "")).unwrap();
            let root = read();
            assert_eq!(root.name, "dtslogs");
            assert_eq!(root.children.len(), run);
            let record = &root.children[run - 1].children[0];
            assert_eq!(record.child("message").unwrap().text, "a < b & \u{FFFD}");
            assert_eq!(root.children[run - 1].children.len(), 2);
        }
    }

    #[test]
    fn another_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xml");
        std::fs::write(&path, "<orders/>").unwrap();
        assert!(XmlFile::open(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "<orders/>");
    }
}
