//! Rows that go to the error output: the raw line, why, and which column.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use scaleout_core::package::DataType;

use super::encoding::Codec;
use crate::convert::ColumnBuilder;
use crate::data_flow::columns;
use crate::data_flow::schema::Schema;
use crate::value::Value;

/// The error output of a source.
pub(super) struct ErrorOutput {
    pub output: usize,
    pub schema: Schema,
    pub columns: Vec<(ErrorColumn, DataType)>,
}

/// What a column of the error output holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorColumn {
    Code,
    Column,
    Line,
}

/// A row that was redirected.
pub(super) struct Redirected {
    pub line: String,
    pub code: u32,
    pub column: i32,
}

impl ErrorOutput {
    /// The rows as a batch of the error output.
    pub(super) fn batch(&self, rows: &[Redirected]) -> Result<RecordBatch, ArrowError> {
        let arrays = self.columns.iter().map(|&(role, data_type)| {
            let mut column = ColumnBuilder::new(data_type, rows.len());
            for row in rows {
                match role {
                    ErrorColumn::Line => column.push_text(&row.line),
                    ErrorColumn::Code => push_number(&mut column, row.code.cast_signed()),
                    ErrorColumn::Column => push_number(&mut column, row.column),
                }
            }
            column.finish()
        });
        columns::batch(self.schema.to_arrow(), arrays.collect(), rows.len())
    }
}

/// The raw row as text; what is not text in the code page is shown as U+FFFD.
pub(super) fn line(codec: &Codec, data: &[u8]) -> String {
    let mut scratch = String::new();
    match codec.decode(data, &mut scratch) {
        Ok(text) => text.to_owned(),
        Err(_) if matches!(codec, Codec::Utf8) => String::from_utf8_lossy(data).into_owned(),
        Err(_) => lossy(codec, data),
    }
}

fn push_number(column: &mut ColumnBuilder, number: i32) {
    if column.push(&Value::I4(number)).is_err() {
        column.push_null();
    }
}

fn lossy(codec: &Codec, data: &[u8]) -> String {
    let mut scratch = String::new();
    let mut line = String::with_capacity(data.len());
    for byte in data {
        match codec.decode(std::slice::from_ref(byte), &mut scratch) {
            Ok(text) => line.push_str(text),
            Err(_) => line.push(char::REPLACEMENT_CHARACTER),
        }
    }
    line
}
