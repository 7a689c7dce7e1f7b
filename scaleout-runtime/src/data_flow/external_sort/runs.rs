//! Sorted runs in temporary files, and how many become one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::data_flow::component::ComponentError;
use crate::data_flow::spill::{Block, SpillFile, SpillFolder, append_record, record_at};

/// Bytes after which a block is written.
const BLOCK_SIZE: usize = 64 << 10;
/// Runs of the same age that are merged into one older run. It bounds the open files and the
/// blocks in memory.
const FAN_IN: usize = 32;

/// Rows in the order of their keys, in a file.
pub struct Run {
    file: SpillFile,
    blocks: Vec<Block>,
}

/// Writes one run.
pub struct RunWriter {
    run: Run,
    block: Vec<u8>,
}

impl RunWriter {
    /// An empty run.
    ///
    /// # Errors
    /// The disk.
    pub fn new(folder: &SpillFolder) -> Result<Self, ComponentError> {
        let run = Run {
            file: folder.file()?,
            blocks: Vec::new(),
        };
        Ok(Self {
            run,
            block: Vec::with_capacity(BLOCK_SIZE),
        })
    }

    /// Writes the next row, whose key is not smaller than the last.
    ///
    /// # Errors
    /// The disk.
    pub fn push(&mut self, key: &[u8], row: &[u8]) -> Result<(), ComponentError> {
        append_record(&mut self.block, key, row);
        if BLOCK_SIZE <= self.block.len() {
            self.flush()?;
        }
        Ok(())
    }

    /// The run with all rows.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(mut self) -> Result<Run, ComponentError> {
        self.flush()?;
        Ok(self.run)
    }

    fn flush(&mut self) -> Result<(), ComponentError> {
        if !self.block.is_empty() {
            self.run.blocks.push(self.run.file.append(&self.block)?);
            self.block.clear();
        }
        Ok(())
    }
}

/// All runs so far, in the order in which their rows arrived.
pub struct Runs {
    folder: SpillFolder,
    /// With the number of merges behind each.
    runs: Vec<(u32, Run)>,
    distinct: bool,
}

impl Runs {
    /// No runs yet. With `distinct`, of rows with the same key only the first stays.
    pub fn new(folder: SpillFolder, distinct: bool) -> Self {
        Self {
            folder,
            runs: Vec::new(),
            distinct,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Begins a run.
    ///
    /// # Errors
    /// The disk.
    pub fn writer(&self) -> Result<RunWriter, ComponentError> {
        RunWriter::new(&self.folder)
    }

    /// Adds the run of the latest rows, and merges runs where there are too many of an age.
    ///
    /// # Errors
    /// The disk.
    pub fn push(&mut self, run: Run) -> Result<(), ComponentError> {
        self.runs.push((0, run));
        while let Some(age) = self.crowded() {
            let merged = self.runs.split_off(self.runs.len() - FAN_IN);
            let mut writer = self.writer()?;
            let runs = merged.into_iter().map(|(_, run)| run).collect();
            merge(runs, self.distinct, |key, row| writer.push(key, row))?;
            self.runs.push((age + 1, writer.finish()?));
        }
        Ok(())
    }

    /// Hands out all rows in order.
    ///
    /// # Errors
    /// The disk, or whoever takes them.
    pub fn drain(
        &mut self,
        take: impl FnMut(&[u8], &[u8]) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        let runs = std::mem::take(&mut self.runs);
        merge(
            runs.into_iter().map(|(_, run)| run).collect(),
            self.distinct,
            take,
        )
    }

    /// The age of the latest runs, when there are as many of it as are merged at once.
    fn crowded(&self) -> Option<u32> {
        let latest = &self.runs[self.runs.len().checked_sub(FAN_IN)?..];
        let age = latest[0].0;
        latest.iter().all(|(other, _)| *other == age).then_some(age)
    }
}

/// Reads one run.
struct Reader {
    run: Run,
    next_block: usize,
    block: Vec<u8>,
    position: usize,
}

impl Reader {
    /// The key of the next row.
    fn key(&mut self) -> Result<Option<Vec<u8>>, ComponentError> {
        if record_at(&self.block, self.position).is_none() {
            let Some(block) = self.run.blocks.get(self.next_block) else {
                return Ok(None);
            };
            self.block = self.run.file.read(*block)?;
            self.next_block += 1;
            self.position = 0;
        }
        Ok(record_at(&self.block, self.position).map(|record| record.key.to_vec()))
    }
}

/// Rows with the same key come in the order of the runs.
fn merge(
    runs: Vec<Run>,
    distinct: bool,
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), ComponentError>,
) -> Result<(), ComponentError> {
    let mut readers = Vec::new();
    let mut next = BinaryHeap::new();
    for run in runs {
        let mut reader = Reader {
            run,
            next_block: 0,
            block: Vec::new(),
            position: 0,
        };
        if let Some(key) = reader.key()? {
            next.push(Reverse((key, readers.len())));
        }
        readers.push(reader);
    }
    let mut last: Option<Vec<u8>> = None;
    while let Some(Reverse((key, number))) = next.pop() {
        let reader = &mut readers[number];
        let record = record_at(&reader.block, reader.position).expect("it has just given its key");
        if !distinct || last.as_ref() != Some(&key) {
            take(&key, record.row)?;
        }
        reader.position = record.next;
        if let Some(key) = reader.key()? {
            next.push(Reverse((key, number)));
        }
        last = Some(key);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use scaleout_core::protocol::executor::RuntimeSettings;

    use super::*;

    #[test]
    fn many_runs_stay_few_files_and_keep_the_order_of_arrival() {
        let folder = SpillFolder::of(&RuntimeSettings::default());
        let mut runs = Runs::new(folder, false);
        for number in 0..(FAN_IN * FAN_IN + 40) {
            let mut writer = runs.writer().unwrap();
            for key in [b"a", b"b"] {
                writer.push(key, number.to_string().as_bytes()).unwrap();
            }
            runs.push(writer.finish().unwrap()).unwrap();
            assert!(runs.runs.len() < 3 * FAN_IN);
        }
        let mut rows = Vec::new();
        runs.drain(|key, row| {
            rows.push((key.to_vec(), String::from_utf8(row.to_vec()).unwrap()));
            Ok(())
        })
        .unwrap();
        let expected = [b"a", b"b"].into_iter().flat_map(|key| {
            (0..(FAN_IN * FAN_IN + 40)).map(|number| (key.to_vec(), number.to_string()))
        });
        assert_eq!(rows, expected.collect::<Vec<_>>());
    }
}
