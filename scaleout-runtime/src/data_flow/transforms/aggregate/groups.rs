//! One output of an Aggregate: which row belongs to which group, and the totals of the groups.

use std::collections::HashMap;

use arrow::record_batch::RecordBatch;

use super::settings::{Function, Grouping};
use super::totals::Totals;
use crate::data_flow::codes;
use crate::data_flow::component::ComponentError;
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Purpose};
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::synchronous::batch_of;
use crate::events::Message;

/// The groups of one output, in the order in which they appeared.
pub struct Groups {
    output: usize,
    name: String,
    schema: Schema,
    encoder: KeyEncoder,
    /// Whether rows are told apart at all; else they are one group, also without rows.
    has_keys: bool,
    numbers: HashMap<Box<[u8]>, usize>,
    totals: Vec<Totals>,
}

impl Groups {
    /// Without rows.
    pub fn new(grouping: Grouping) -> Result<Self, ComponentError> {
        let columns = grouping.columns.iter();
        let keys: Vec<KeyColumn> = columns
            .filter(|column| column.function == Function::GroupBy)
            .map(|column| column.source)
            .collect();
        Ok(Self {
            output: grouping.output,
            name: grouping.name,
            schema: grouping.schema,
            has_keys: !keys.is_empty(),
            encoder: KeyEncoder::new(keys, Purpose::Equality)?,
            numbers: HashMap::new(),
            totals: grouping
                .columns
                .into_iter()
                .map(Totals::new)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Index of the output.
    pub fn output(&self) -> usize {
        self.output
    }

    /// Groups so far.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Adds the rows of a batch, and gives the bytes that this takes.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<u64, ComponentError> {
        let keys = self.encoder.keys(batch)?;
        let mut bytes = 0;
        let mut group_of = Vec::with_capacity(keys.len());
        for row in 0..keys.len() {
            let key = keys.get(row);
            let known = self.numbers.get(key).copied();
            group_of.push(known.unwrap_or_else(|| {
                let number = self.numbers.len();
                bytes += key.len() as u64 + 48;
                self.numbers.insert(key.into(), number);
                number
            }));
        }
        let groups = self.numbers.len();
        for totals in &mut self.totals {
            bytes += totals.add(batch, &group_of, groups)?;
        }
        Ok(bytes)
    }

    /// There are no more rows: without columns to group by there is one group all the same.
    pub fn finish(&mut self, empty: &RecordBatch) -> Result<(), ComponentError> {
        if !self.has_keys && self.numbers.is_empty() {
            self.numbers.insert(Box::default(), 0);
            for totals in &mut self.totals {
                totals.add(empty, &[], 1)?;
            }
        }
        Ok(())
    }

    /// The rows of some groups.
    pub fn batch(
        &self,
        groups: std::ops::Range<usize>,
        locale_id: u32,
    ) -> Result<RecordBatch, ComponentError> {
        let mut arrays = Vec::with_capacity(self.totals.len());
        for totals in &self.totals {
            let results = totals.results(groups.clone(), locale_id)?;
            arrays.push(results.map_err(|overflow| self.overflow(totals, overflow.group))?);
        }
        batch_of(&self.schema, arrays, groups.len(), None)
    }

    fn overflow(&self, totals: &Totals, group: usize) -> ComponentError {
        let aggregation = totals.aggregation();
        let text = format!(
            "{} in column \"{}\" of output \"{}\" does not fit its type `{}` (group {}, in the order of their first rows); give the column a wider type, or convert the input column before",
            aggregation.function.in_words(),
            aggregation.name,
            self.name,
            aggregation.data_type.name(),
            group + 1
        );
        let message = Message::new(codes::AGGREGATE_OVERFLOW, text);
        ComponentError::Failed(Box::new(Message {
            column: Some(aggregation.name.clone()),
            ..message
        }))
    }
}
