//! The text file log provider: UTF-16 lines of comma-separated fields, appended.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::entry::{Entry, us_time};
use super::logs::Writer;

/// First line of a new file.
const FIELDS: &str = "#Fields: event,computer,operator,source,sourceid,executionid,starttime,endtime,datacode,databytes,message";

/// An open file.
pub(super) struct TextFile(File);

impl TextFile {
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let is_new = file.metadata()?.len() == 0;
        let mut own = Self(file);
        if is_new {
            own.line(&format!("\u{FEFF}{FIELDS}"))?;
        }
        Ok(own)
    }

    fn line(&mut self, text: &str) -> std::io::Result<()> {
        let letters = text.encode_utf16().chain("\r\n".encode_utf16());
        let bytes: Vec<u8> = letters.flat_map(u16::to_le_bytes).collect();
        self.0.write_all(&bytes)
    }
}

impl Writer for TextFile {
    fn write(&mut self, entry: &Entry) -> Result<(), String> {
        let message = match entry.message.as_str() {
            "" => "(null)",
            text => text,
        };
        let line = format!(
            "{},{},{},{},{},{},{},{},{},0x,{message}",
            entry.event,
            entry.computer,
            entry.operator,
            entry.source,
            entry.source_id,
            entry.execution_id,
            us_time(entry.start),
            us_time(entry.end),
            entry.code,
        );
        self.line(&line).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    #[test]
    fn two_runs_append_under_one_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        for (event, message) in [("OnError", "Ärger"), ("OnPreExecute", "")] {
            let mut log = TextFile::open(&path).unwrap();
            log.write(&entry(event, message)).unwrap();
        }

        let bytes = std::fs::read(&path).unwrap();
        let letters: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let text = String::from_utf16(&letters).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert_eq!(lines[0], format!("\u{FEFF}{FIELDS}"));
        assert!(
            lines[1].starts_with("OnError,machine,user,Load,{"),
            "{text}"
        );
        assert!(lines[1].ends_with(",0,0x,Ärger"), "{text}");
        assert!(lines[2].ends_with(",0,0x,(null)"), "{text}");
    }
}
