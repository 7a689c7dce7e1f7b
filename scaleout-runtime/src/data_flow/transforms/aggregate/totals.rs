//! What is kept of the values of one output column, group by group.

use arrow::array::{Array, ArrayRef};
use arrow::record_batch::RecordBatch;

use super::average::{self, Sum};
use super::distinct::Distinct;
use super::settings::{Aggregation, Function};
use crate::convert::{ColumnReader, array_of, digits_of, double_of};
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::row_keys::{KeyEncoder, Purpose};
use crate::data_flow::spill::SpillFolder;
use crate::value::{DataType, Value};

/// One output column with what is known of every group.
pub struct Totals {
    aggregation: Aggregation,
    kept: Kept,
}

/// In the order of the groups.
enum Kept {
    /// The value of the first row.
    First(Vec<Option<Value>>),
    /// Rows.
    Rows(Vec<u64>),
    /// Values.
    Count(Vec<u64>),
    /// Different values.
    Distinct {
        encoder: KeyEncoder,
        /// Right once all rows have been added.
        counts: Vec<u64>,
        seen: Distinct,
    },
    /// The sum and the number of values; no sum after it has become too large to add up.
    Sums(Vec<(Option<Sum>, u64)>),
    /// The rank and the value that is the smallest or largest so far, of types that have ranks.
    Ranked(Vec<Option<(i128, Value)>>),
    /// The key and the value that is the smallest or largest so far.
    Extremes {
        encoder: KeyEncoder,
        best: Vec<Option<(Box<[u8]>, Value)>>,
    },
}

/// A result that its column cannot hold.
#[derive(Debug)]
pub struct Overflow {
    /// Which group, from 0 as they appeared.
    pub group: usize,
}

impl Totals {
    /// Without groups.
    pub fn new(aggregation: Aggregation) -> Result<Self, ComponentError> {
        let key = vec![aggregation.source];
        let kept = match aggregation.function {
            Function::GroupBy => Kept::First(Vec::new()),
            Function::CountAll => Kept::Rows(Vec::new()),
            Function::Count => Kept::Count(Vec::new()),
            Function::CountDistinct => Kept::Distinct {
                encoder: KeyEncoder::new(key, Purpose::Equality)?,
                counts: Vec::new(),
                seen: Distinct::default(),
            },
            Function::Sum | Function::Average => Kept::Sums(Vec::new()),
            Function::Minimum | Function::Maximum if has_ranks(aggregation.source.data_type) => {
                Kept::Ranked(Vec::new())
            }
            Function::Minimum | Function::Maximum => Kept::Extremes {
                encoder: KeyEncoder::new(key, Purpose::Order)?,
                best: Vec::new(),
            },
        };
        Ok(Self { aggregation, kept })
    }

    /// The output column.
    pub fn aggregation(&self) -> &Aggregation {
        &self.aggregation
    }

    /// Adds the rows of a batch to their groups, of which there are `groups` now. Gives the bytes
    /// that this takes more than before.
    pub fn add(
        &mut self,
        batch: &RecordBatch,
        group_of: &[usize],
        groups: usize,
    ) -> Result<u64, ComponentError> {
        let before = self.groups();
        self.grow(groups);
        let mut bytes = (groups - before) as u64 * self.bytes_per_group();
        if let Kept::Rows(counts) = &mut self.kept {
            group_of.iter().for_each(|group| counts[*group] += 1);
            return Ok(bytes);
        }
        let source = self.aggregation.source;
        let array = batch.column(source.position);
        let reader = ColumnReader::new(array.as_ref(), source.data_type);
        if groups == 1 && self.add_column(&reader, array.as_ref()) {
            return Ok(bytes);
        }
        match &mut self.kept {
            Kept::Rows(_) => {}
            Kept::First(values) => {
                for (row, group) in group_of.iter().enumerate().filter(|(_, it)| before <= **it) {
                    // Later rows of a new group have the same value, or one that counts as equal.
                    if values[*group].is_none() {
                        let value = reader.value(row);
                        bytes += outside(&value);
                        values[*group] = Some(value);
                    }
                }
            }
            Kept::Count(counts) => {
                let counted = group_of.iter().enumerate();
                for (_, group) in counted.filter(|(row, _)| array.is_valid(*row)) {
                    counts[*group] += 1;
                }
            }
            Kept::Distinct { encoder, seen, .. } => {
                let keys = encoder.keys(batch)?;
                let counted = group_of.iter().enumerate();
                for (row, group) in counted.filter(|(row, _)| array.is_valid(*row)) {
                    bytes += seen.add(*group, keys.get(row));
                }
            }
            Kept::Sums(sums) => {
                let counted = group_of.iter().enumerate();
                for (row, group) in counted.filter(|(row, _)| array.is_valid(*row)) {
                    let (sum, count) = &mut sums[*group];
                    *sum = sum.and_then(|sum| plus(sum, &reader, row, source.data_type));
                    *count += 1;
                }
            }
            Kept::Ranked(best) => {
                let largest = self.aggregation.function == Function::Maximum;
                add_ranked(best, &reader, (array.as_ref(), group_of), largest);
            }
            Kept::Extremes { encoder, best } => {
                let keys = encoder.keys(batch)?;
                let largest = self.aggregation.function == Function::Maximum;
                let counted = group_of.iter().enumerate();
                for (row, group) in counted.filter(|(row, _)| array.is_valid(*row)) {
                    let key = keys.get(row);
                    let other = best[*group].as_ref().map(|(other, _)| &**other);
                    if is_better(key, other, largest) {
                        best[*group] = Some((key.into(), reader.value(row)));
                    }
                }
            }
        }
        Ok(bytes)
    }

    /// Adds a whole column to the only group; false where that is done row by row.
    fn add_column(&mut self, reader: &ColumnReader<'_>, array: &dyn Array) -> bool {
        let valid = (array.len() - array.null_count()) as u64;
        match &mut self.kept {
            Kept::Count(counts) => counts[0] += valid,
            Kept::Sums(sums) => {
                let (Some(Sum::Exact { digits, .. }), count) = &mut sums[0] else {
                    return false;
                };
                let Some(sum) = reader.total().and_then(|more| digits.checked_add(more)) else {
                    return false;
                };
                *digits = sum;
                *count += valid;
            }
            Kept::Ranked(best) => {
                let largest = self.aggregation.function == Function::Maximum;
                let found = reader.first_extreme(largest);
                let found = found.and_then(|row| Some((row, reader.rank(row)?)));
                if let Some((row, rank)) = found
                    && is_better(&rank, best[0].as_ref().map(|(other, _)| other), largest)
                {
                    best[0] = Some((rank, reader.value(row)));
                }
            }
            _ => return false,
        }
        true
    }

    /// Puts on disk what can be there, and gives the bytes that this frees.
    pub fn spill(&mut self, folder: &SpillFolder) -> Result<u64, ComponentError> {
        match &mut self.kept {
            Kept::Distinct { seen, .. } => seen.spill(folder),
            _ => Ok(0),
        }
    }

    /// There are no more rows.
    pub fn finish(&mut self) -> Result<(), ComponentError> {
        if let Kept::Distinct { counts, seen, .. } = &mut self.kept {
            *counts = seen.counts(counts.len())?;
        }
        Ok(())
    }

    /// The results of some groups as a column.
    pub fn results(
        &self,
        groups: std::ops::Range<usize>,
        locale_id: u32,
    ) -> Result<Result<ArrayRef, Overflow>, ComponentError> {
        let mut values = Vec::with_capacity(groups.len());
        for group in groups {
            match self.result(group, locale_id) {
                Some(value) => values.push(value),
                None => return Ok(Err(Overflow { group })),
            }
        }
        let array = array_of(&values, self.aggregation.data_type);
        let array = array.map_err(|error| {
            arrow_failure(arrow::error::ArrowError::ComputeError(error.to_string()))
        })?;
        Ok(Ok(array))
    }

    fn result(&self, group: usize, locale_id: u32) -> Option<Value> {
        let to = self.aggregation.data_type;
        let number = |count: u64| {
            let digits = i128::from(count);
            average::sum(Sum::Exact { digits, scale: 0 }, to, locale_id)
        };
        match &self.kept {
            Kept::First(values) => Some(values[group].clone().unwrap_or(Value::Null)),
            Kept::Rows(counts) | Kept::Count(counts) | Kept::Distinct { counts, .. } => {
                number(counts[group])
            }
            Kept::Sums(sums) => match sums[group] {
                (_, 0) => Some(Value::Null),
                (None, _) => None,
                (Some(sum), count) if self.aggregation.function == Function::Average => {
                    average::average(sum, count, to, locale_id)
                }
                (Some(sum), _) => average::sum(sum, to, locale_id),
            },
            Kept::Ranked(best) => Some(value_of(&best[group])),
            Kept::Extremes { best, .. } => Some(value_of(&best[group])),
        }
    }

    fn groups(&self) -> usize {
        match &self.kept {
            Kept::First(values) => values.len(),
            Kept::Rows(counts) | Kept::Count(counts) | Kept::Distinct { counts, .. } => {
                counts.len()
            }
            Kept::Sums(sums) => sums.len(),
            Kept::Ranked(best) => best.len(),
            Kept::Extremes { best, .. } => best.len(),
        }
    }

    fn grow(&mut self, groups: usize) {
        match &mut self.kept {
            Kept::First(values) => values.resize_with(groups, || None),
            Kept::Rows(counts) | Kept::Count(counts) | Kept::Distinct { counts, .. } => {
                counts.resize(groups, 0);
            }
            Kept::Sums(sums) => {
                let nothing = nothing(self.aggregation.source.data_type);
                sums.resize(groups, (Some(nothing), 0));
            }
            Kept::Ranked(best) => best.resize_with(groups, || None),
            Kept::Extremes { best, .. } => best.resize_with(groups, || None),
        }
    }

    fn bytes_per_group(&self) -> u64 {
        let size = match &self.kept {
            Kept::First(_) => size_of::<Option<Value>>(),
            Kept::Rows(_) | Kept::Count(_) | Kept::Distinct { .. } => size_of::<u64>(),
            Kept::Sums(_) => size_of::<(Option<Sum>, u64)>(),
            Kept::Ranked(_) => size_of::<Option<(i128, Value)>>(),
            // The key of a number, date or time has at most 17 bytes.
            Kept::Extremes { .. } => size_of::<Option<(Box<[u8]>, Value)>>() + 32,
        };
        size as u64
    }
}

/// Bytes that a value takes outside itself.
fn outside(value: &Value) -> u64 {
    let length = match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    length as u64 + 16
}

/// A sum of no values.
fn nothing(data_type: DataType) -> Sum {
    let exact = |scale| Sum::Exact { digits: 0, scale };
    match data_type {
        DataType::R4 | DataType::R8 => Sum::Double(0.0),
        DataType::Cy => exact(4),
        DataType::Decimal { scale } | DataType::Numeric { scale, .. } => exact(scale),
        _ => exact(0),
    }
}

/// Whether something goes before the best so far, if there is one.
fn is_better<K: Ord + ?Sized>(one: &K, best: Option<&K>, largest: bool) -> bool {
    best.is_none_or(|best| if largest { best < one } else { one < best })
}

/// The value of the best, or NULL where there was none.
fn value_of<K>(best: &Option<(K, Value)>) -> Value {
    best.as_ref()
        .map_or(Value::Null, |(_, value)| value.clone())
}

/// Keeps what is better than the best of its group so far.
fn add_ranked(
    best: &mut [Option<(i128, Value)>],
    reader: &ColumnReader<'_>,
    (array, group_of): (&dyn Array, &[usize]),
    largest: bool,
) {
    let counted = group_of.iter().enumerate();
    for (row, group) in counted.filter(|(row, _)| array.is_valid(*row)) {
        let Some(rank) = reader.rank(row) else {
            continue;
        };
        let other = best[*group].as_ref().map(|(other, _)| other);
        if is_better(&rank, other, largest) {
            best[*group] = Some((rank, reader.value(row)));
        }
    }
}

/// Whether [`ColumnReader::rank`] orders the values of a type.
fn has_ranks(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::I1
            | DataType::I2
            | DataType::I4
            | DataType::I8
            | DataType::Ui1
            | DataType::Ui2
            | DataType::Ui4
            | DataType::Ui8
            | DataType::Cy
            | DataType::Decimal { .. }
            | DataType::Numeric { .. }
            | DataType::DbDate
            | DataType::DbTime
            | DataType::DbTime2 { .. }
            | DataType::Date
            | DataType::DbTimestamp
            | DataType::DbTimestamp2 { .. }
            | DataType::FileTime
    )
}

/// One more value; `None` when the sum has more digits than fit into 128 bits.
fn plus(sum: Sum, reader: &ColumnReader<'_>, row: usize, data_type: DataType) -> Option<Sum> {
    match sum {
        Sum::Double(sum) => {
            let more = reader.double(row);
            let more = more.or_else(|| double_of(&reader.value(row), data_type))?;
            Some(Sum::Double(sum + more))
        }
        Sum::Exact { digits, scale } => {
            let more = match reader.digits(row) {
                Some(more) => more,
                None => digits_of(&reader.value(row), data_type)?.0,
            };
            let digits = digits.checked_add(more)?;
            Some(Sum::Exact { digits, scale })
        }
    }
}
