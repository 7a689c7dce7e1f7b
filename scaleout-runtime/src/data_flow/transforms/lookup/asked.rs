//! A Lookup that asks its reference query for the key of each row: partial cache and no cache.
//!
//! The database compares, with its own rules: what equals what, and that NULL equals nothing.
//! What is kept is found by the exact values that were asked for.

use std::sync::PoisonError;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;

use super::kept::{Answer, Kept, size_of_answer, size_without_answer};
use super::matches::Matches;
use super::reference::{position, query_failed};
use super::settings::{CopiedColumn, Settings};
use super::source::Question;
use crate::cancel::CancelToken;
use crate::connections::Connection;
use crate::convert::{ColumnBuilder, ColumnReader, convert, value_at};
use crate::data_flow::codes;
use crate::data_flow::component::ComponentError;
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Purpose};
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::convert_column::ConvertedColumn;
use crate::services::ConnectionLease;
use crate::value::{TypedValue, Value};

/// The query, its connection, and what is known already.
pub struct Asked {
    question: Question,
    encoder: KeyEncoder,
    lease: ConnectionLease,
    cancel: CancelToken,
    found: Option<Kept<Answer>>,
    without: Option<Kept<()>>,
    /// Times that the database was asked.
    asked: u64,
}

impl Asked {
    /// Before the first row. A cache is never larger than the budget of the data flow.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn new(
        question: Question,
        lease: ConnectionLease,
        memory: &MemoryPool,
        cancel: CancelToken,
    ) -> Result<Self, ComponentError> {
        let columns = question.parameters.iter();
        let columns = columns.map(|(position, data_type)| KeyColumn::exact(*position, *data_type));
        let kept = question.kept;
        let limit = |bytes: u64| bytes.min(memory.limit());
        Ok(Self {
            encoder: KeyEncoder::new(columns.collect(), Purpose::Equality)?,
            found: kept.map(|kept| Kept::new(limit(kept.bytes))),
            without: kept
                .filter(|kept| 0 < kept.bytes_without_match)
                .map(|kept| Kept::new(limit(kept.bytes_without_match))),
            question,
            lease,
            cancel,
            asked: 0,
        })
    }

    /// Times that the database was asked.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// Looks for the rows of a batch.
    ///
    /// # Errors
    /// The query fails, or lacks a column.
    pub fn find(
        &mut self,
        settings: &Settings,
        rows: &RecordBatch,
    ) -> Result<Matches, ComponentError> {
        let keys = self.encoder.keys(rows)?;
        let mut answers = Vec::with_capacity(rows.num_rows());
        for row in 0..rows.num_rows() {
            self.cancel.check()?;
            answers.push(self.answer(settings, rows, row, keys.get(row))?);
        }
        let matched = answers.iter().map(|answer| Some(answer.is_some()));
        let matched: BooleanArray = matched.collect();
        let columns = settings.copies.iter().enumerate();
        let columns = columns.map(|(at, copy)| column(&answers, at, copy, settings.locale_id));
        Ok(Matches {
            columns: columns.collect::<Result<_, _>>()?,
            matched,
        })
    }

    fn answer(
        &mut self,
        settings: &Settings,
        rows: &RecordBatch,
        row: usize,
        key: &[u8],
    ) -> Result<Option<Answer>, ComponentError> {
        if let Some(found) = &mut self.found
            && let Some(answer) = found.get(key, |answer| size_of_answer(key, answer))
        {
            return Ok(Some(answer));
        }
        if let Some(without) = &mut self.without
            && without.get(key, |()| size_without_answer(key)).is_some()
        {
            return Ok(None);
        }
        let parameters = self.question.parameters.iter();
        let parameters: Vec<TypedValue> = parameters
            .map(|(position, data_type)| TypedValue {
                data_type: *data_type,
                value: value_at(rows.column(*position).as_ref(), row, *data_type),
            })
            .collect();
        self.asked += 1;
        let answer = {
            // A statement that broke down has reported itself; the next one stands for itself.
            let mut connection = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
            ask(&mut **connection, &self.question.sql, &parameters, settings)?
        };
        match (&answer, &mut self.found, &mut self.without) {
            (Some(answer), Some(found), _) => {
                found.keep(key, answer.clone(), size_of_answer(key, answer));
            }
            (None, _, Some(without)) => without.keep(key, (), size_without_answer(key)),
            _ => {}
        }
        Ok(answer)
    }
}

/// The first row that the query gives.
fn ask(
    connection: &mut dyn Connection,
    sql: &str,
    parameters: &[TypedValue],
    settings: &Settings,
) -> Result<Option<Answer>, ComponentError> {
    let mut reader = connection.query(sql, parameters, 1).map_err(query_failed)?;
    let schema: Schema = reader.schema().clone();
    let copies = settings.copies.iter();
    let places = copies.map(|copy| position(&schema, &copy.reference));
    let places: Vec<usize> = places.collect::<Result<_, _>>()?;
    loop {
        let Some(rows) = reader.next_batch().map_err(query_failed)? else {
            return Ok(None);
        };
        if rows.num_rows() == 0 {
            continue;
        }
        let values = places.iter().map(|place| {
            let data_type = schema.columns[*place].data_type;
            let reader = ColumnReader::new(rows.column(*place).as_ref(), data_type);
            TypedValue {
                data_type,
                value: reader.value(0),
            }
        });
        return Ok(Some(values.collect()));
    }
}

/// The values of one copied column in the type of the row.
fn column(
    answers: &[Option<Answer>],
    at: usize,
    copy: &CopiedColumn,
    locale_id: u32,
) -> Result<ConvertedColumn, ComponentError> {
    let mut builder = ColumnBuilder::new(copy.data_type, answers.len());
    let (mut errors, mut truncations) = (Vec::new(), Vec::new());
    for (row, answer) in answers.iter().enumerate() {
        let value = match answer {
            None => Value::Null,
            Some(answer) => {
                let TypedValue { data_type, value } = &answer[at];
                match convert(value, *data_type, copy.data_type, locale_id) {
                    Ok(converted) => {
                        if converted.truncated {
                            truncations.push(row);
                        }
                        converted.value
                    }
                    Err(error) => {
                        errors.push((row, error));
                        Value::Null
                    }
                }
            }
        };
        builder.push(&value).map_err(|mismatch| {
            ComponentError::failed(codes::COMPONENT_EXCEPTION, mismatch.to_string())
        })?;
    }
    Ok(ConvertedColumn {
        array: builder.finish(),
        errors,
        truncations,
    })
}
