//! Rows that do not fit into memory: temporary files of keys and rows.
//!
//! A file has no name from the moment it exists, so nothing is left behind however the
//! process ends. Rows are in Arrow's row format, which holds every value exactly.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::row::{RowConverter, RowParser, SortField};
use scaleout_core::protocol::executor::RuntimeSettings;

use super::columns;
use super::component::ComponentError;
use super::error_rows::arrow_failure;
use super::row_keys::Keys;
use super::schema::Schema;

/// Where temporary files are made.
#[derive(Clone, Debug)]
pub struct SpillFolder(PathBuf);

impl SpillFolder {
    /// The working folder of the settings, or the system's folder for temporary files.
    #[must_use]
    pub fn of(settings: &RuntimeSettings) -> Self {
        let folder = settings.working_folder.clone();
        Self(folder.unwrap_or_else(std::env::temp_dir))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A new file without a name.
    ///
    /// # Errors
    /// The folder does not take one.
    pub fn file(&self) -> Result<SpillFile, ComponentError> {
        match tempfile::tempfile_in(&self.0) {
            Ok(file) => Ok(SpillFile {
                file,
                folder: self.clone(),
                end: 0,
            }),
            Err(error) => Err(self.failed("made", &error)),
        }
    }

    /// A file that is somewhere else, such as on a device that is full.
    #[cfg(test)]
    fn file_at(&self, path: &str) -> SpillFile {
        let file = File::options().read(true).write(true).open(path);
        SpillFile {
            file: file.unwrap(),
            folder: self.clone(),
            end: 0,
        }
    }

    fn failed(&self, what: &str, error: &std::io::Error) -> ComponentError {
        let text = format!(
            "SO5003: rows do not fit into the memory of the data flow, and a temporary file in `{}` could not be {what}: {error}; make room there, set WorkingFolder to another folder, or raise DataFlowMemoryBudget",
            self.0.display()
        );
        ComponentError::failed(0, text)
    }
}

/// A temporary file of blocks.
pub struct SpillFile {
    file: File,
    folder: SpillFolder,
    end: u64,
}

/// Where a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    start: u64,
    length: usize,
}

impl SpillFile {
    /// Writes a block behind the others.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn append(&mut self, bytes: &[u8]) -> Result<Block, ComponentError> {
        let block = Block {
            start: self.end,
            length: bytes.len(),
        };
        let written = self
            .file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(bytes));
        written.map_err(|error| self.folder.failed("written", &error))?;
        self.end += bytes.len() as u64;
        Ok(block)
    }

    /// Reads a block.
    ///
    /// # Errors
    /// The disk does not give it.
    pub fn read(&mut self, block: Block) -> Result<Vec<u8>, ComponentError> {
        let mut bytes = vec![0; block.length];
        let read = self
            .file
            .seek(SeekFrom::Start(block.start))
            .and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|error| self.folder.failed("read", &error))?;
        Ok(bytes)
    }

    /// Forgets all blocks and gives their space back.
    ///
    /// # Errors
    /// The disk does not do it.
    pub fn clear(&mut self) -> Result<(), ComponentError> {
        self.end = 0;
        let cleared = self.file.set_len(0);
        cleared.map_err(|error| self.folder.failed("emptied", &error))
    }
}

/// Appends one row to a block: two lengths, the key, the row.
pub fn append_record(block: &mut Vec<u8>, key: &[u8], row: &[u8]) {
    block.extend((key.len() as u64).to_le_bytes());
    block.extend((row.len() as u64).to_le_bytes());
    block.extend_from_slice(key);
    block.extend_from_slice(row);
}

/// The row that starts at a position of a block, and where the next one starts; `None` at the
/// end of the block.
#[must_use]
pub fn record_at(block: &[u8], position: usize) -> Option<Record<'_>> {
    let (lengths, rest) = block.get(position..)?.split_at_checked(16)?;
    let length = |bytes: &[u8]| {
        let bytes = bytes.try_into().expect("half of the sixteen bytes");
        usize::try_from(u64::from_le_bytes(bytes)).expect("it was a length in memory")
    };
    let (key_length, row_length) = (length(&lengths[..8]), length(&lengths[8..]));
    Some(Record {
        key: &rest[..key_length],
        row: &rest[key_length..key_length + row_length],
        next: position + 16 + key_length + row_length,
    })
}

/// One row of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'b> {
    /// Its key.
    pub key: &'b [u8],
    /// The row, as [`RowCodec`] wrote it.
    pub row: &'b [u8],
    /// Where the next row starts.
    pub next: usize,
}

/// Rows of one schema as bytes.
pub struct RowCodec {
    schema: SchemaRef,
    converter: RowConverter,
    parser: RowParser,
}

impl RowCodec {
    /// For batches of a schema.
    ///
    /// # Errors
    /// A type that has no row format: none of those that columns have.
    pub fn new(schema: &Schema) -> Result<Self, ComponentError> {
        let schema = schema.to_arrow();
        let fields = schema.fields().iter();
        let fields = fields.map(|field| SortField::new(field.data_type().clone()));
        let converter = RowConverter::new(fields.collect()).map_err(arrow_failure)?;
        Ok(Self {
            parser: converter.parser(),
            schema,
            converter,
        })
    }

    /// The rows of a batch with their keys as one block.
    ///
    /// # Errors
    /// The batch has another schema.
    pub fn block(&self, keys: &Keys, batch: &RecordBatch) -> Result<Vec<u8>, ComponentError> {
        let mut block = Vec::new();
        let rows = self.rows(batch)?;
        for row in 0..batch.num_rows() {
            append_record(&mut block, keys.get(row), rows.get(row));
        }
        Ok(block)
    }

    /// The rows of a batch, one after the other.
    ///
    /// # Errors
    /// The batch has another schema.
    pub fn rows(&self, batch: &RecordBatch) -> Result<Keys, ComponentError> {
        let mut list = Keys::default();
        if batch.num_columns() == 0 {
            (0..batch.num_rows()).for_each(|_| list.push(&[]));
            return Ok(list);
        }
        let rows = self
            .converter
            .convert_columns(batch.columns())
            .map_err(arrow_failure)?;
        rows.iter().for_each(|row| list.push(row.as_ref()));
        Ok(list)
    }

    /// The batch of some rows.
    ///
    /// # Errors
    /// They are not rows of the schema.
    pub fn batch<'r>(
        &self,
        rows: impl ExactSizeIterator<Item = &'r [u8]>,
    ) -> Result<RecordBatch, ComponentError> {
        let count = rows.len();
        if self.schema.fields().is_empty() {
            return columns::batch(Arc::clone(&self.schema), Vec::new(), count)
                .map_err(arrow_failure);
        }
        let rows: Vec<_> = rows.map(|row| self.parser.parse(row)).collect();
        let arrays = self.converter.convert_rows(rows).map_err(arrow_failure)?;
        columns::batch(Arc::clone(&self.schema), arrays, count).map_err(arrow_failure)
    }

    /// The keys and rows of a block.
    ///
    /// # Errors
    /// As [`RowCodec::batch`].
    pub fn read_block(&self, block: &[u8]) -> Result<(Keys, RecordBatch), ComponentError> {
        let (mut keys, mut rows, mut position) = (Keys::default(), Vec::new(), 0);
        while let Some(record) = record_at(block, position) {
            keys.push(record.key);
            rows.push(record.row);
            position = record.next;
        }
        let batch = self.batch(rows.into_iter())?;
        Ok((keys, batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::array_of;
    use crate::data_flow::schema::Column;
    use crate::value::{DataType, Value};

    fn folder(path: PathBuf) -> SpillFolder {
        SpillFolder::of(&RuntimeSettings {
            working_folder: Some(path),
            ..RuntimeSettings::default()
        })
    }

    fn schema(types: &[DataType]) -> Schema {
        Schema::new(types.iter().map(|data_type| Column {
            lineage_id: String::new(),
            name: "c".to_owned(),
            data_type: *data_type,
        }))
    }

    #[test]
    fn every_type_of_value_comes_back_and_no_file_has_a_name() {
        let values = [
            (DataType::Bool, Value::Bool(true)),
            (DataType::Ui8, Value::Ui8(u64::MAX)),
            (DataType::R8, Value::R8(-0.0)),
            (DataType::Cy, Value::Cy(-1)),
            (
                DataType::Numeric {
                    precision: 38,
                    scale: 3,
                },
                Value::Decimal(-7),
            ),
            (DataType::Wstr { length: 9 }, Value::Str("é\u{0}".into())),
            (DataType::Image, Value::Bytes([0, 255].into())),
            (DataType::Guid, Value::Guid([7; 16])),
            (DataType::DbDate, Value::DbDate(-1)),
            (DataType::DbTime2 { scale: 7 }, Value::Time(1)),
            (
                DataType::DbTimestampOffset { scale: 7 },
                Value::TimestampOffset {
                    utc: -1,
                    offset: 60,
                },
            ),
        ];
        let types = values.clone().map(|(data_type, _)| data_type);
        let schema = schema(&types);
        let arrays = values
            .iter()
            .map(|(data_type, value)| array_of(&[Value::Null, value.clone()], *data_type).unwrap());
        let batch = columns::batch(schema.to_arrow(), arrays.collect(), 2).unwrap();
        let mut keys = Keys::default();
        keys.push(b"");
        keys.push(b"key");
        let codec = RowCodec::new(&schema).unwrap();

        let place = tempfile::tempdir().unwrap();
        let mut file = folder(place.path().to_owned()).file().unwrap();
        file.append(b"another block").unwrap();
        let block = file.append(&codec.block(&keys, &batch).unwrap()).unwrap();
        file.append(b"one more block").unwrap();
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        let (read_keys, read) = codec.read_block(&file.read(block).unwrap()).unwrap();
        assert_eq!((read_keys, read), (keys, batch));
    }

    #[test]
    fn rows_without_columns_are_still_rows() {
        let codec = RowCodec::new(&Schema::default()).unwrap();
        let batch = columns::batch(Schema::default().to_arrow(), Vec::new(), 2).unwrap();
        let mut keys = Keys::default();
        keys.push(b"a");
        keys.push(b"b");
        let block = codec.block(&keys, &batch).unwrap();
        assert_eq!(codec.read_block(&block).unwrap().1.num_rows(), 2);
    }

    #[test]
    fn a_full_disk_is_said_with_the_folder_and_what_to_do() {
        let place = tempfile::tempdir().unwrap();
        let mut file = folder(place.path().to_owned()).file_at("/dev/full");
        let error = file.append(b"rows").unwrap_err().to_string();
        for words in [
            "SO5003",
            "written: No space left on device",
            place.path().to_str().unwrap(),
            "WorkingFolder",
            "DataFlowMemoryBudget",
        ] {
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_folder_that_does_not_exist_is_named() {
        let place = tempfile::tempdir().unwrap();
        let missing = place.path().join("missing");
        let error = folder(missing.clone()).file().err().unwrap().to_string();
        assert!(
            error.starts_with("SO5003") && error.contains(missing.to_str().unwrap()),
            "{error}"
        );
    }
}
