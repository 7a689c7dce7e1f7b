//! Rows in a temporary file, in the order of their keys.

use arrow::array::{BooleanArray, UInt32Array};
use arrow::compute::take;
use arrow::record_batch::RecordBatch;

use super::Found;
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::external_sort::Sorter;
use crate::data_flow::row_keys::Keys;
use crate::data_flow::schema::Schema;
use crate::data_flow::spill::{Block, RowCodec, SpillFile, SpillFolder, append_record, record_at};

/// Bytes after which a block is written: what one search has to read at least.
const BLOCK_SIZE: usize = 16 << 10;

/// The file and the first key of each of its blocks.
pub struct RowsOnDisk {
    file: SpillFile,
    codec: RowCodec,
    firsts: Keys,
    blocks: Vec<Block>,
    has_duplicates: bool,
}

impl RowsOnDisk {
    /// Writes everything that a sorter has.
    pub fn new(
        schema: &Schema,
        folder: &SpillFolder,
        mut sorter: Sorter,
    ) -> Result<Self, ComponentError> {
        let mut rows = Self {
            file: folder.file()?,
            codec: RowCodec::new(schema)?,
            firsts: Keys::default(),
            blocks: Vec::new(),
            has_duplicates: false,
        };
        let mut block = Vec::with_capacity(BLOCK_SIZE);
        let mut last: Option<Vec<u8>> = None;
        sorter.drain_runs(|key, row| {
            if last.as_deref() == Some(key) {
                rows.has_duplicates = true;
                return Ok(());
            }
            if block.is_empty() {
                rows.firsts.push(key);
            }
            append_record(&mut block, key, row);
            if BLOCK_SIZE <= block.len() {
                rows.blocks.push(rows.file.append(&block)?);
                block.clear();
            }
            let last = last.get_or_insert_default();
            last.clear();
            last.extend_from_slice(key);
            Ok(())
        })?;
        if !block.is_empty() {
            rows.blocks.push(rows.file.append(&block)?);
        }
        Ok(rows)
    }

    /// Whether a key came more than once.
    pub fn has_duplicates(&self) -> bool {
        self.has_duplicates
    }

    /// Hands out all rows, block by block.
    pub fn each_batch(
        &mut self,
        take: &mut impl FnMut(&RecordBatch) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        for number in 0..self.blocks.len() {
            let block = self.file.read(self.blocks[number])?;
            take(&self.codec.read_block(&block)?.1)?;
        }
        Ok(())
    }

    /// See [`super::KeyedRows::find`]. Keys are looked for in their order, so that each block is
    /// read once however many keys fall into it.
    pub fn find(
        &mut self,
        keys: &Keys,
        possible: &[bool],
        wanted: &[usize],
    ) -> Result<Found, ComponentError> {
        let mut order: Vec<usize> = (0..keys.len()).filter(|row| possible[*row]).collect();
        order.sort_by(|left, right| keys.get(*left).cmp(keys.get(*right)));
        let mut rows = Keys::default();
        let mut numbers: Vec<Option<u32>> = vec![None; keys.len()];
        let mut open = OpenBlock::default();
        for row in order {
            if let Some(number) = self.look_for(keys.get(row), &mut open, &mut rows)? {
                numbers[row] = Some(number);
            }
        }
        let batch = self.codec.batch((0..rows.len()).map(|row| rows.get(row)))?;
        let taken = UInt32Array::from(numbers.clone());
        let columns = wanted
            .iter()
            .map(|column| take(batch.column(*column), &taken, None).map_err(arrow_failure));
        Ok(Found {
            columns: columns.collect::<Result<_, _>>()?,
            matched: BooleanArray::from_iter(numbers.iter().map(|it| Some(it.is_some()))),
        })
    }

    /// The number among the rows found of the row with a key, which is not before the last one.
    fn look_for(
        &mut self,
        key: &[u8],
        open: &mut OpenBlock,
        rows: &mut Keys,
    ) -> Result<Option<u32>, ComponentError> {
        let Some(number) = self.block_of(key) else {
            return Ok(None);
        };
        if open.number != Some(number) {
            *open = OpenBlock {
                number: Some(number),
                bytes: self.file.read(self.blocks[number])?,
                position: 0,
                found: None,
            };
        }
        while let Some(record) = record_at(&open.bytes, open.position) {
            match record.key.cmp(key) {
                std::cmp::Ordering::Less => {
                    open.position = record.next;
                    open.found = None;
                }
                std::cmp::Ordering::Greater => return Ok(None),
                std::cmp::Ordering::Equal => {
                    if open.found.is_none() {
                        let number = u32::try_from(rows.len());
                        open.found = Some(number.expect("not more rows than keys in a batch"));
                        rows.push(record.row);
                    }
                    return Ok(open.found);
                }
            }
        }
        Ok(None)
    }

    /// The last block that does not begin behind the key.
    fn block_of(&self, key: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.firsts.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.firsts.get(middle) <= key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1)
    }
}

/// The block that was read last, and how far.
#[derive(Default)]
struct OpenBlock {
    number: Option<usize>,
    bytes: Vec<u8>,
    position: usize,
    /// Number of the row at the position, if it has been asked for already.
    found: Option<u32>,
}
