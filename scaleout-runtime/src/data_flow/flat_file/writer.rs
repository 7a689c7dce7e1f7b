//! Rows as bytes of a file: header, names, fields with delimiters, qualifiers and widths.

use arrow::array::{Array, Int32Array, Int64Array, RecordBatch, StringArray};
use scaleout_core::package::DataType;

use super::encoding::Codec;
use super::format::{Cut, Format};
use super::parse::is_text;
use super::seek::memmem_short;
use crate::convert::{ColumnReader, push_flat_file_text, push_integer};

/// Makes bytes of rows.
pub(super) struct RowWriter {
    codec: Codec,
    locale_id: u32,
    columns: Vec<Column>,
    qualifier: String,
    qualifier_bytes: Vec<u8>,
    doubles_qualifiers: bool,
    header_delimiter: Vec<u8>,
    /// What ends the row of column names.
    names_delimiter: Vec<u8>,
    text: String,
}

/// What goes into a column of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feed {
    /// Column of the batch.
    pub index: usize,
    /// Its type.
    pub data_type: DataType,
    /// Text that does not fit is cut, not refused.
    pub cuts_text: bool,
}

struct Column {
    name: String,
    /// `None`: nothing is mapped, the column is empty.
    feed: Option<Feed>,
    shape: Shape,
    qualified: bool,
}

enum Shape {
    /// A delimiter behind it, and room for so much text (0: any).
    Delimited { delimiter: Vec<u8>, limit: usize },
    /// Filled up with blanks.
    Fixed { width: usize },
}

/// A value that does not fit its column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    /// Row of the batch, from 0.
    pub row: usize,
    /// Column of the file.
    pub column: String,
    /// Why.
    pub reason: String,
}

/// One column of a batch, with its type known.
enum Cells<'a> {
    Empty,
    Text(&'a StringArray),
    I4(&'a Int32Array),
    I8(&'a Int64Array),
    Other(ColumnReader<'a>, DataType),
}

impl RowWriter {
    /// A writer of the format; `feeds` has one entry for each of its columns.
    pub(super) fn new(
        format: &Format,
        feeds: Vec<Option<Feed>>,
        locale_id: u32,
        doubles_qualifiers: bool,
    ) -> Self {
        let columns = format
            .columns
            .iter()
            .zip(feeds)
            .map(|(column, feed)| Column {
                name: column.name.clone(),
                feed,
                shape: match &column.cut {
                    Cut::Delimiter(delimiter) => Shape::Delimited {
                        delimiter: format.written(delimiter),
                        limit: column.maximum_width as usize,
                    },
                    Cut::Width(width) => Shape::Fixed {
                        width: *width as usize,
                    },
                },
                qualified: column.qualified,
            });
        let mut decoded = String::new();
        let qualifier = match &format.codec {
            Codec::SingleByte(_) => format.codec.decode(&format.qualifier, &mut decoded),
            _ => Codec::Utf8.decode(&format.qualifier, &mut decoded),
        };
        Self {
            locale_id,
            columns: columns.collect(),
            qualifier: qualifier.unwrap_or_default().to_owned(),
            qualifier_bytes: format.written(&format.qualifier),
            doubles_qualifiers,
            header_delimiter: format.written(&format.header_delimiter),
            names_delimiter: format.written(
                format
                    .names_delimiter()
                    .or(format.row_delimiter())
                    .unwrap_or(b"\r\n"),
            ),
            codec: format.codec.clone(),
            text: String::new(),
        }
    }

    /// What a new file starts with: byte order mark, header text, column names.
    pub(super) fn start(&self, header: &str, names: bool, out: &mut Vec<u8>) -> Result<(), Unfit> {
        if matches!(self.codec, Codec::Utf16) {
            out.extend_from_slice(&[0xFF, 0xFE]);
        }
        if !header.is_empty() {
            self.encode(header, out).map_err(|reason| Unfit {
                row: 0,
                column: "Header".to_owned(),
                reason,
            })?;
            if !out.ends_with(&self.header_delimiter) {
                out.extend_from_slice(&self.header_delimiter);
            }
        }
        if names {
            self.names(out)?;
        }
        Ok(())
    }

    fn names(&self, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let last = self.columns.len().saturating_sub(1);
        for (index, column) in self.columns.iter().enumerate() {
            let name = match column.shape {
                Shape::Fixed { width } => self.codec.cut(&column.name, width),
                Shape::Delimited { .. } => column.name.as_str(),
            };
            let unfit = |reason| Unfit {
                row: 0,
                column: column.name.clone(),
                reason,
            };
            self.enclosed(column, name, out).map_err(unfit)?;
            match &column.shape {
                _ if index == last => self.pad(column, name, out),
                Shape::Delimited { delimiter, .. } => out.extend_from_slice(delimiter),
                Shape::Fixed { .. } => self.pad(column, name, out),
            }
        }
        out.extend_from_slice(&self.names_delimiter);
        Ok(())
    }

    /// Appends all rows of a batch; after an error `out` ends behind the last whole row.
    pub(super) fn rows(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let cells: Vec<Cells<'_>> = self
            .columns
            .iter()
            .map(|column| Cells::new(batch, column.feed))
            .collect();
        let mut text = std::mem::take(&mut self.text);
        let mut result = Ok(());
        for row in 0..batch.num_rows() {
            let before = out.len();
            if let Err(unfit) = self.row(&cells, row, &mut text, out) {
                out.truncate(before);
                result = Err(unfit);
                break;
            }
        }
        self.text = text;
        result
    }

    fn row(
        &self,
        cells: &[Cells<'_>],
        row: usize,
        text: &mut String,
        out: &mut Vec<u8>,
    ) -> Result<(), Unfit> {
        for (column, cells) in self.columns.iter().zip(cells) {
            let value = cells.text(row, self.locale_id, text);
            let fitted = self.fit(column, value);
            let written = fitted.and_then(|value| {
                self.enclosed(column, value, out)?;
                Ok(value)
            });
            let value = written.map_err(|reason| Unfit {
                row,
                column: column.name.clone(),
                reason,
            })?;
            match &column.shape {
                Shape::Delimited { delimiter, .. } => out.extend_from_slice(delimiter),
                Shape::Fixed { .. } => self.pad(column, value, out),
            }
        }
        Ok(())
    }

    /// The text, cut where that is wanted.
    fn fit<'t>(&self, column: &Column, text: &'t str) -> Result<&'t str, String> {
        let (Shape::Delimited { limit, .. } | Shape::Fixed { width: limit }) = &column.shape;
        // No code page has more units than UTF-8 has bytes.
        if *limit == 0 || text.len() <= *limit && self.never_longer_than_utf8() {
            return Ok(text);
        }
        let length = self.codec.measure(text);
        if length <= *limit {
            Ok(text)
        } else if column.feed.is_some_and(|feed| feed.cuts_text) {
            Ok(self.codec.cut(text, *limit))
        } else {
            Err(format!("text of length {length} was truncated at {limit}"))
        }
    }

    fn never_longer_than_utf8(&self) -> bool {
        !matches!(self.codec, Codec::MultiByte(_))
    }

    /// The text in its qualifiers, where it has any.
    fn enclosed(&self, column: &Column, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
        if !column.qualified {
            return self.field(column, text, out);
        }
        out.extend_from_slice(&self.qualifier_bytes);
        let doubled = self.doubles_qualifiers
            && memmem_short(text.as_bytes(), self.qualifier.as_bytes()).is_some();
        if doubled {
            let twice = self.qualifier.repeat(2);
            self.field(column, &text.replace(&self.qualifier, &twice), out)?;
        } else {
            self.field(column, text, out)?;
        }
        out.extend_from_slice(&self.qualifier_bytes);
        Ok(())
    }

    fn field(&self, column: &Column, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
        let start = out.len();
        let refused = match self.encode(text, out) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        if !column.feed.is_some_and(|feed| feed.cuts_text) {
            return Err(refused);
        }
        out.truncate(start);
        for character in text.chars() {
            let mut utf8 = [0; 4];
            if self
                .codec
                .encode(character.encode_utf8(&mut utf8), out)
                .is_err()
            {
                out.push(b'?');
            }
        }
        Ok(())
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
        self.codec.encode(text, out).map_err(|unmappable| {
            format!(
                "the code page of the file has no character `{}`",
                unmappable.0
            )
        })
    }

    fn pad(&self, column: &Column, text: &str, out: &mut Vec<u8>) {
        let Shape::Fixed { width } = column.shape else {
            return;
        };
        let missing = width.saturating_sub(self.codec.measure(text));
        match self.codec {
            Codec::Utf16 => out.extend((0..missing).flat_map(|_| [b' ', 0])),
            _ => out.extend(std::iter::repeat_n(b' ', missing)),
        }
    }
}

impl Format {
    /// Bytes that rows are split in, as they are written.
    fn written(&self, bytes: &[u8]) -> Vec<u8> {
        match (&self.codec, std::str::from_utf8(bytes)) {
            (Codec::Utf16 | Codec::MultiByte(_), Ok(text)) => {
                let mut written = Vec::new();
                // `Format::settle` has taken only delimiters that the code page has.
                match self.codec.encode(text, &mut written) {
                    Ok(()) => written,
                    Err(_) => bytes.to_vec(),
                }
            }
            _ => bytes.to_vec(),
        }
    }
}

impl<'a> Cells<'a> {
    fn new(batch: &'a RecordBatch, feed: Option<Feed>) -> Self {
        let Some(feed) = feed else {
            return Self::Empty;
        };
        let array = batch.column(feed.index);
        let any = array.as_any();
        let known = match feed.data_type {
            text if is_text(text) => any.downcast_ref().map(Self::Text),
            DataType::I4 => any.downcast_ref().map(Self::I4),
            DataType::I8 => any.downcast_ref().map(Self::I8),
            _ => None,
        };
        known.unwrap_or_else(|| {
            Self::Other(
                ColumnReader::new(array.as_ref(), feed.data_type),
                feed.data_type,
            )
        })
    }

    /// The text of a row; empty for a null.
    fn text<'t>(&'t self, row: usize, locale_id: u32, scratch: &'t mut String) -> &'t str {
        scratch.clear();
        match self {
            Self::Empty => return "",
            Self::Text(array) if array.is_null(row) => return "",
            Self::Text(array) => return array.value(row),
            Self::I4(array) if array.is_null(row) => {}
            Self::I4(array) => push_integer(scratch, array.value(row)),
            Self::I8(array) if array.is_null(row) => {}
            Self::I8(array) => push_integer(scratch, array.value(row)),
            Self::Other(column, data_type) => {
                let value = column.value(row);
                push_flat_file_text(scratch, &value, *data_type, locale_id);
            }
        }
        scratch
    }
}
