//! One output of an Aggregate: which row belongs to which group, and the totals of the groups.
//!
//! Groups that find room in memory stay there. Once the budget is used up, rows of further groups
//! go to disk, and are added up part by part when all rows are there.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use foldhash::quality::RandomState;

use super::partitions::Partitions;
use super::settings::{Function, Grouping};
use super::totals::Totals;
use crate::data_flow::codes;
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::external_sort::{Sorter, SorterSettings};
use crate::data_flow::memory::{MemoryPool, Reservation};
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Keys, Purpose};
use crate::data_flow::schema::Schema;
use crate::data_flow::spill::{RowCodec, SpillFolder};
use crate::data_flow::transforms::synchronous::batch_of;
use crate::events::Message;

/// How often rows are spread over files again. Sixteen files each time make a million parts, of
/// which each is small enough.
const DEEPEST: u32 = 5;

/// Where groups find room.
#[derive(Clone)]
pub struct Room {
    /// What arrives.
    pub arriving: Schema,
    /// Memory.
    pub pool: Arc<MemoryPool>,
    /// Temporary files.
    pub folder: SpillFolder,
    /// Stop, and rows of a batch.
    pub sorting: SorterSettings,
    /// LCID.
    pub locale_id: u32,
}

/// The groups of one output, in the order in which they appeared.
pub struct Groups {
    grouping: Grouping,
    room: Room,
    encoder: KeyEncoder,
    /// Whether rows are told apart at all; else they are one group, also without rows.
    has_keys: bool,
    numbers: HashMap<Box<[u8]>, usize, RandomState>,
    /// The number of the first row of each group.
    firsts: Vec<u64>,
    totals: Vec<Totals>,
    memory: Reservation,
    elsewhere: Option<(Partitions, RowCodec)>,
    depth: u32,
}

/// Takes batches of results with the numbers of the first rows of their groups.
type Taker<'t> = dyn FnMut(&[u64], RecordBatch) -> Result<(), ComponentError> + 't;

impl Groups {
    /// Without rows.
    pub fn new(grouping: Grouping, room: Room, depth: u32) -> Result<Self, ComponentError> {
        let columns = grouping.columns.iter();
        let keys: Vec<KeyColumn> = columns
            .filter(|column| column.function == Function::GroupBy)
            .map(|column| column.source)
            .collect();
        let totals = grouping.columns.iter().cloned().map(Totals::new);
        Ok(Self {
            has_keys: !keys.is_empty(),
            encoder: KeyEncoder::new(keys, Purpose::Equality)?,
            numbers: HashMap::default(),
            firsts: Vec::new(),
            totals: totals.collect::<Result<_, _>>()?,
            memory: room.pool.reservation(),
            elsewhere: None,
            grouping,
            room,
            depth,
        })
    }

    /// Index of the output.
    pub fn output(&self) -> usize {
        self.grouping.output
    }

    /// Adds the rows of a batch, whose numbers among all rows are given.
    pub fn add(&mut self, batch: &RecordBatch, numbers: &[u64]) -> Result<(), ComponentError> {
        if !self.has_keys {
            // All rows are one group: nothing is to be looked up.
            let mut bytes = 0;
            if let Some(first) = numbers.first()
                && self.numbers.is_empty()
            {
                bytes += 56;
                self.numbers.insert(Box::default(), 0);
                self.firsts.push(*first);
            }
            return self.add_to(batch, &vec![0; batch.num_rows()], bytes);
        }
        let keys = self.encoder.keys(batch)?;
        if self.elsewhere.is_some() {
            return self.add_known(batch, &keys, numbers);
        }
        let mut bytes = 0;
        let mut group_of = Vec::with_capacity(keys.len());
        for (row, number) in numbers.iter().enumerate() {
            let key = keys.get(row);
            let known = self.numbers.get(key).copied();
            group_of.push(known.unwrap_or_else(|| {
                let group = self.numbers.len();
                bytes += key.len() as u64 + 56;
                self.numbers.insert(key.into(), group);
                self.firsts.push(*number);
                group
            }));
        }
        self.add_to(batch, &group_of, bytes)
    }

    /// Adds rows of the groups that are in memory; the others go to disk.
    fn add_known(
        &mut self,
        batch: &RecordBatch,
        keys: &Keys,
        numbers: &[u64],
    ) -> Result<(), ComponentError> {
        let group = |row: usize| self.numbers.get(keys.get(row)).copied();
        let groups: Vec<Option<usize>> = (0..keys.len()).map(group).collect();
        if let Some((partitions, codec)) = &mut self.elsewhere
            && groups.iter().any(Option::is_none)
        {
            let rows = codec.rows(batch)?;
            for row in (0..keys.len()).filter(|row| groups[*row].is_none()) {
                partitions.push(keys.get(row), numbers[row], rows.get(row))?;
            }
        }
        let known: BooleanArray = groups.iter().map(|it| Some(it.is_some())).collect();
        let here = filter_record_batch(batch, &known).map_err(arrow_failure)?;
        let group_of: Vec<usize> = groups.into_iter().flatten().collect();
        self.add_to(&here, &group_of, 0)
    }

    fn add_to(
        &mut self,
        batch: &RecordBatch,
        group_of: &[usize],
        mut bytes: u64,
    ) -> Result<(), ComponentError> {
        let groups = self.numbers.len();
        for totals in &mut self.totals {
            bytes += totals.add(batch, group_of, groups)?;
        }
        if self.memory.try_grow(bytes) {
            return Ok(());
        }
        // One batch may go beyond the budget; what makes room is what can be on disk.
        self.memory.grow_anyway(bytes);
        for totals in &mut self.totals {
            let freed = totals.spill(&self.room.folder)?;
            self.memory.shrink(freed);
        }
        let is_spread = self.elsewhere.is_some() || self.depth == DEEPEST;
        if self.memory.is_within_budget() || is_spread || !self.has_keys {
            return Ok(());
        }
        let codec = RowCodec::new(&self.room.arriving)?;
        self.elsewhere = Some((Partitions::new(&self.room.folder)?, codec));
        Ok(())
    }

    /// There are no more rows: hands out the results, in the order of the first rows of groups.
    pub fn finish(
        mut self,
        take: &mut dyn FnMut(RecordBatch) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        if !self.has_keys && self.numbers.is_empty() {
            // Without columns to group by there is one group, also of nothing.
            self.numbers.insert(Box::default(), 0);
            self.firsts.push(0);
            let empty = RecordBatch::new_empty(self.room.arriving.to_arrow());
            for totals in &mut self.totals {
                totals.add(&empty, &[], 1)?;
            }
        }
        if self.elsewhere.is_none() {
            return self.results(&mut |_, batch| take(batch)).map(|_| ());
        }
        // Every group in memory came before all that had no room there.
        let room = self.room.clone();
        let mut later = Sorter::new(SorterSettings {
            schema: self.grouping.schema.clone(),
            distinct: false,
            ..room.sorting
        })?;
        let rest = self.results(&mut |_, batch| take(batch))?;
        rest.each(&mut |firsts, batch| {
            let mut keys = Keys::default();
            firsts
                .iter()
                .for_each(|first| keys.push(&first.to_be_bytes()));
            later.push(keys, batch)
        })?;
        later.drain(take)
    }

    /// Hands out the results of the groups in memory, and gives what is on disk.
    fn results(mut self, take: &mut Taker<'_>) -> Result<Rest, ComponentError> {
        for totals in &mut self.totals {
            totals.finish()?;
        }
        let rows = self.room.sorting.batch_rows.max(1);
        for start in (0..self.firsts.len()).step_by(rows) {
            self.room.sorting.cancel.check()?;
            let end = self.firsts.len().min(start + rows);
            let batch = self.batch(start..end)?;
            take(&self.firsts[start..end], batch)?;
        }
        Ok(Rest {
            grouping: self.grouping,
            room: self.room,
            elsewhere: self.elsewhere,
            depth: self.depth + 1,
        })
    }

    /// The rows of some groups.
    fn batch(&self, groups: std::ops::Range<usize>) -> Result<RecordBatch, ComponentError> {
        let mut arrays = Vec::with_capacity(self.totals.len());
        for totals in &self.totals {
            let results = totals.results(groups.clone(), self.room.locale_id)?;
            arrays.push(results.map_err(|overflow| self.overflow(totals, overflow.group))?);
        }
        batch_of(&self.grouping.schema, arrays, groups.len(), None)
    }

    fn overflow(&self, totals: &Totals, group: usize) -> ComponentError {
        let aggregation = totals.aggregation();
        let text = format!(
            "{} in column \"{}\" of output \"{}\" does not fit its type `{}` (in the group that begins with row {}); give the column a wider type, or convert the input column before",
            aggregation.function.in_words(),
            aggregation.name,
            self.grouping.name,
            aggregation.data_type.name(),
            self.firsts[group] + 1
        );
        let message = Message::new(codes::AGGREGATE_OVERFLOW, text);
        ComponentError::Failed(Box::new(Message {
            column: Some(aggregation.name.clone()),
            row: Some(self.firsts[group] + 1),
            ..message
        }))
    }
}

/// The rows on disk, once those in memory are done with.
struct Rest {
    grouping: Grouping,
    room: Room,
    elsewhere: Option<(Partitions, RowCodec)>,
    depth: u32,
}

impl Rest {
    /// Adds them up part by part.
    fn each(self, take: &mut Taker<'_>) -> Result<(), ComponentError> {
        let Some((partitions, codec)) = self.elsewhere else {
            return Ok(());
        };
        for part in partitions.into_parts() {
            let mut groups = Groups::new(self.grouping.clone(), self.room.clone(), self.depth)?;
            part.each_batch(&codec, |batch, numbers| {
                self.room.sorting.cancel.check()?;
                groups.add(batch, numbers)
            })?;
            groups.results(take)?.each(take)?;
        }
        Ok(())
    }
}
