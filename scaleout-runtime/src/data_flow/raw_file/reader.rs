//! Reads a raw file, block by block.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;

use super::columns::Rest;
use super::error::RawFileError;
use super::header::{Header, bytes};
use super::writer::{BLOCK, END};
use crate::data_flow::columns::{arrow_type, batch};
use crate::data_flow::schema::Schema;

/// A raw file that is open.
pub struct RawReader {
    path: PathBuf,
    file: BufReader<File>,
    header: Header,
    schema: Schema,
    rows: u64,
    /// Where the next block starts, or the end is written.
    position: u64,
    at_end: bool,
}

impl RawReader {
    /// Opens it and reads its header.
    ///
    /// # Errors
    /// The disk, or it is no raw file.
    pub fn open(path: &Path) -> Result<Self, RawFileError> {
        let file = File::open(path).map_err(|error| RawFileError::io(path, "opened", error))?;
        let mut file = BufReader::new(file);
        let header = Header::read(path, &mut file)?;
        let position = file
            .stream_position()
            .map_err(|error| RawFileError::io(path, "read", error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            schema: header.schema(),
            header,
            rows: 0,
            position,
            at_end: false,
        })
    }

    /// What the file says of its columns.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Where the last block ends that was read.
    pub(super) fn end_of_blocks(&self) -> u64 {
        self.position
    }

    /// The rows of the next block; `None` at the end.
    ///
    /// # Errors
    /// The disk, or the file is damaged.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, RawFileError> {
        let Some((rows, length)) = self.block_start()? else {
            return Ok(None);
        };
        let mut block = Vec::new();
        let read = (&mut self.file).take(length).read_to_end(&mut block);
        read.map_err(|error| RawFileError::io(&self.path, "read", error))?;
        if (block.len() as u64) < length {
            return Err(RawFileError::damaged(&self.path, "it ends in the middle"));
        }
        self.position += 13 + length;
        self.rows += rows as u64;
        let mut rest = Rest(&block);
        let columns = self.schema.columns.iter();
        let arrays = columns.map(|column| rest.column(arrow_type(column.data_type), rows));
        let made = arrays
            .collect::<Result<Vec<_>, _>>()
            .and_then(|arrays| batch(self.schema.to_arrow(), arrays, rows));
        let made = made.map_err(|error| {
            let what = format!("the block before row {}: {error}", self.rows + 1);
            RawFileError::damaged(&self.path, what)
        })?;
        Ok(Some(made))
    }

    /// Goes over the next block; false at the end.
    pub(super) fn skip_block(&mut self) -> Result<bool, RawFileError> {
        let Some((rows, length)) = self.block_start()? else {
            return Ok(false);
        };
        self.position += 13 + length;
        self.rows += rows as u64;
        let moved = self.file.seek(SeekFrom::Start(self.position));
        moved.map_err(|error| RawFileError::io(&self.path, "read", error))?;
        Ok(true)
    }

    /// Rows and length of the block that comes; `None` at the end, whose number of rows is right.
    fn block_start(&mut self) -> Result<Option<(usize, u64)>, RawFileError> {
        if self.at_end {
            return Ok(None);
        }
        let [kind] = bytes(&self.path, &mut self.file)?;
        match kind {
            BLOCK => {
                let rows = u32::from_le_bytes(bytes(&self.path, &mut self.file)?);
                let length = u64::from_le_bytes(bytes(&self.path, &mut self.file)?);
                Ok(Some((usize::try_from(rows).unwrap_or(usize::MAX), length)))
            }
            END => {
                let rows = u64::from_le_bytes(bytes(&self.path, &mut self.file)?);
                self.at_end = true;
                if rows == self.rows {
                    return Ok(None);
                }
                let what = format!("it says {rows} rows and has {}", self.rows);
                Err(RawFileError::damaged(&self.path, what))
            }
            other => {
                let what = format!("{other} where a block of rows or the end should be");
                Err(RawFileError::damaged(&self.path, what))
            }
        }
    }
}
