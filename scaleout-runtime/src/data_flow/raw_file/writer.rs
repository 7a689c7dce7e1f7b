//! Writes a raw file.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;

use super::columns;
use super::error::RawFileError;
use super::header::Header;
use super::reader::RawReader;

/// What stands before a block of rows.
pub(super) const BLOCK: u8 = 1;
/// What stands before the number of all rows.
pub(super) const END: u8 = 2;

/// A raw file that is being written.
pub struct RawWriter {
    path: PathBuf,
    file: BufWriter<File>,
    rows: u64,
}

impl RawWriter {
    /// A new file; what was there is gone. With `only_new` there must not be one.
    ///
    /// # Errors
    /// The disk.
    pub fn create(path: &Path, header: &Header, only_new: bool) -> Result<Self, RawFileError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .create_new(only_new)
            .truncate(!only_new)
            .open(path)
            .map_err(|error| RawFileError::io(path, "made", error))?;
        let mut file = BufWriter::new(file);
        header.write(path, &mut file)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            rows: 0,
        })
    }

    /// A file that is there, to write behind its rows or, without `keep_rows`, in their place.
    /// Also gives its header.
    ///
    /// # Errors
    /// The disk, or it is no raw file that is whole.
    pub fn open(path: &Path, keep_rows: bool) -> Result<(Self, Header), RawFileError> {
        let mut reader = RawReader::open(path)?;
        let header = reader.header().clone();
        let (end, rows) = if keep_rows {
            while reader.skip_block()? {}
            (reader.end_of_blocks(), reader.rows())
        } else {
            (reader.end_of_blocks(), 0)
        };
        let failed = |error| RawFileError::io(path, "written", error);
        let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
        file.set_len(end).map_err(failed)?;
        file.seek(SeekFrom::Start(end)).map_err(failed)?;
        let writer = Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            rows,
        };
        Ok((writer, header))
    }

    /// Writes the rows of a batch.
    ///
    /// # Errors
    /// The disk.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), RawFileError> {
        let mut block = Vec::new();
        for array in batch.columns() {
            columns::append(array, &mut block);
        }
        let rows = u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
        let mut start = vec![BLOCK];
        start.extend(rows.to_le_bytes());
        start.extend((block.len() as u64).to_le_bytes());
        self.rows += batch.num_rows() as u64;
        self.put(&start)?;
        self.put(&block)
    }

    /// Ends the file and gives the rows in it.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(mut self) -> Result<u64, RawFileError> {
        let mut end = vec![END];
        end.extend(self.rows.to_le_bytes());
        self.put(&end)?;
        let flushed = self.file.flush();
        flushed.map_err(|error| RawFileError::io(&self.path, "written", error))?;
        Ok(self.rows)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), RawFileError> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| RawFileError::io(&self.path, "written", error))
    }
}
