//! Rows of groups that have no room in memory, apart by a hash of their key, on disk.

use std::hash::{BuildHasher, RandomState};

use arrow::record_batch::RecordBatch;

use crate::data_flow::component::ComponentError;
use crate::data_flow::row_keys::Keys;
use crate::data_flow::spill::{Block, RowCodec, SpillFile, SpillFolder, append_record, record_at};

/// Files that rows are spread over; each is added up by itself later.
const COUNT: usize = 16;
/// Bytes after which a block is written.
const BLOCK_SIZE: usize = 64 << 10;

/// The files.
pub struct Partitions {
    hasher: RandomState,
    parts: Vec<Partition>,
}

/// Rows of some groups: all rows of each of them.
pub struct Partition {
    file: SpillFile,
    blocks: Vec<Block>,
    block: Vec<u8>,
}

impl Partitions {
    /// Empty ones. Each time rows are spread in another way.
    pub fn new(folder: &SpillFolder) -> Result<Self, ComponentError> {
        let parts = (0..COUNT).map(|_| {
            Ok(Partition {
                file: folder.file()?,
                blocks: Vec::new(),
                block: Vec::new(),
            })
        });
        Ok(Self {
            hasher: RandomState::new(),
            parts: parts.collect::<Result<_, ComponentError>>()?,
        })
    }

    /// Puts a row, with its number among all rows, where its group is.
    pub fn push(&mut self, key: &[u8], number: u64, row: &[u8]) -> Result<(), ComponentError> {
        let place = self.hasher.hash_one(key) % COUNT as u64;
        let part = &mut self.parts[usize::try_from(place).expect("less than the number of parts")];
        append_record(&mut part.block, &number.to_be_bytes(), row);
        if BLOCK_SIZE <= part.block.len() {
            part.flush()?;
        }
        Ok(())
    }

    /// Those that have rows.
    pub fn into_parts(self) -> impl Iterator<Item = Partition> {
        let parts = self.parts.into_iter();
        parts.filter(|part| !part.blocks.is_empty() || !part.block.is_empty())
    }
}

impl Partition {
    fn flush(&mut self) -> Result<(), ComponentError> {
        if !self.block.is_empty() {
            self.blocks.push(self.file.append(&self.block)?);
            self.block.clear();
        }
        Ok(())
    }

    /// Hands out the rows with their numbers, in the order in which they came.
    pub fn each_batch(
        mut self,
        codec: &RowCodec,
        mut take: impl FnMut(&RecordBatch, &[u64]) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        self.flush()?;
        for block in std::mem::take(&mut self.blocks) {
            let block = self.file.read(block)?;
            let (mut numbers, mut rows, mut position) = (Vec::new(), Keys::default(), 0);
            while let Some(record) = record_at(&block, position) {
                let number = record.key.try_into().expect("a number of eight bytes");
                numbers.push(u64::from_be_bytes(number));
                rows.push(record.row);
                position = record.next;
            }
            let batch = codec.batch((0..rows.len()).map(|row| rows.get(row)))?;
            take(&batch, &numbers)?;
        }
        Ok(())
    }
}
