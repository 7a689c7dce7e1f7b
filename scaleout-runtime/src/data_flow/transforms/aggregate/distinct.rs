//! The different values of each group: in memory, and beyond the budget on disk.

use std::collections::HashSet;

use crate::data_flow::component::ComponentError;
use crate::data_flow::external_sort::Runs;
use crate::data_flow::spill::SpillFolder;

/// Bytes that a value takes besides its key.
const ENTRY: u64 = 48;

/// Group and value of everything that was seen.
#[derive(Default)]
pub struct Distinct {
    /// The number of the group, then the key of the value.
    seen: HashSet<Box<[u8]>>,
    bytes: u64,
    spilled: Option<Runs>,
}

impl Distinct {
    /// Adds a value, and gives the bytes that this takes.
    pub fn add(&mut self, group: usize, key: &[u8]) -> u64 {
        let mut entry = (group as u64).to_be_bytes().to_vec();
        entry.extend_from_slice(key);
        let bytes = entry.len() as u64 + ENTRY;
        if !self.seen.insert(entry.into_boxed_slice()) {
            return 0;
        }
        self.bytes += bytes;
        bytes
    }

    /// Writes what is in memory to disk, and gives the bytes that this frees.
    ///
    /// # Errors
    /// The disk.
    pub fn spill(&mut self, folder: &SpillFolder) -> Result<u64, ComponentError> {
        if self.seen.is_empty() {
            return Ok(0);
        }
        let runs = self
            .spilled
            .get_or_insert_with(|| Runs::new(folder.clone(), true));
        let mut entries: Vec<Box<[u8]>> = std::mem::take(&mut self.seen).into_iter().collect();
        entries.sort_unstable();
        let mut writer = runs.writer()?;
        for entry in entries {
            writer.push(&entry, &[])?;
        }
        runs.push(writer.finish()?)?;
        Ok(std::mem::take(&mut self.bytes))
    }

    /// Different values of each of so many groups.
    ///
    /// # Errors
    /// The disk.
    pub fn counts(&mut self, groups: usize) -> Result<Vec<u64>, ComponentError> {
        let mut counts = vec![0; groups];
        let mut count = |entry: &[u8]| {
            let group = entry[..8]
                .try_into()
                .expect("an entry begins with a number");
            let group = usize::try_from(u64::from_be_bytes(group)).expect("it was a position");
            counts[group] += 1;
        };
        let Some(mut runs) = self.spilled.take() else {
            self.seen.iter().for_each(|entry| count(entry));
            return Ok(counts);
        };
        let mut entries: Vec<Box<[u8]>> = std::mem::take(&mut self.seen).into_iter().collect();
        entries.sort_unstable();
        let mut writer = runs.writer()?;
        for entry in entries {
            writer.push(&entry, &[])?;
        }
        runs.push(writer.finish()?)?;
        runs.drain(|entry, _| {
            count(entry);
            Ok(())
        })?;
        Ok(counts)
    }
}
