//! The format of a flat file: how its rows are laid out, in bytes.

use scaleout_core::package::DataType;

use super::encoding::Codec;

/// How the rows of a file are laid out.
#[derive(Clone, Debug)]
pub struct Format {
    /// Name of the connection manager, for messages.
    pub connection: String,
    /// Path as the package has it.
    pub path: String,
    /// Encoding.
    pub codec: Codec,
    /// The same in words: `code page 1252`, `Unicode`.
    pub encoding: String,
    /// `LocaleID`.
    pub locale_id: u32,
    /// `HeaderRowsToSkip`
    pub header_rows: u64,
    /// `HeaderRowDelimiter` in the bytes that rows are split in.
    pub header_delimiter: Vec<u8>,
    /// `ColumnNamesInFirstDataRow`
    pub names_in_first_row: bool,
    /// `DataRowsToSkip`
    pub data_rows_to_skip: u64,
    /// `TextQualifier`; empty means none.
    pub qualifier: Vec<u8>,
    /// `AlwaysCheckForRowDelimiters`
    pub check_row_delimiters: bool,
    /// Columns in file order; never empty.
    pub columns: Vec<FormatColumn>,
}

/// One column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatColumn {
    /// Name.
    pub name: String,
    /// Where its text ends.
    pub cut: Cut,
    /// `MaximumWidth` of text; 0 means no limit.
    pub maximum_width: u32,
    /// Type that the connection manager gives it.
    pub data_type: DataType,
    /// `TextQualified`, where the format has a qualifier.
    pub qualified: bool,
}

/// Where the text of a column ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before this delimiter; never empty.
    Delimiter(Vec<u8>),
    /// After so many bytes (UTF-16 units in Unicode files); never 0.
    Width(u32),
}

impl Format {
    /// What ends a row: the delimiter of the last column. `None` for fixed width.
    #[must_use]
    pub fn row_delimiter(&self) -> Option<&[u8]> {
        match &self.columns.last()?.cut {
            Cut::Delimiter(delimiter) => Some(delimiter),
            Cut::Width(_) => None,
        }
    }

    /// What ends the row of column names, unless it also separates columns.
    #[must_use]
    pub fn names_delimiter(&self) -> Option<&[u8]> {
        let delimiter = self.header_delimiter.as_slice();
        let separates = |column: &FormatColumn| match &column.cut {
            Cut::Delimiter(own) => own == delimiter,
            Cut::Width(_) => false,
        };
        let columns = &self.columns[..self.columns.len().saturating_sub(1)];
        let usable = !delimiter.is_empty() && !columns.iter().any(separates);
        usable.then_some(delimiter)
    }

    /// The same format for a file whose lines end with LF, not CR LF or CR.
    #[must_use]
    pub fn with_line_feeds(&self) -> Self {
        let mut format = self.clone();
        let columns = format.columns.iter_mut();
        let delimiters = columns.filter_map(|column| match &mut column.cut {
            Cut::Delimiter(delimiter) => Some(delimiter),
            Cut::Width(_) => None,
        });
        for delimiter in delimiters.chain([&mut format.header_delimiter]) {
            let returns = match delimiter.as_slice() {
                [.., b'\r', b'\n'] => 2,
                [.., b'\r'] => 1,
                _ => continue,
            };
            delimiter.truncate(delimiter.len() - returns);
            delimiter.push(b'\n');
        }
        format
    }

    /// What the bytes that rows are split in are: UTF-8 where the stream is transcoded.
    #[must_use]
    pub fn field_codec(&self) -> Codec {
        match self.transcoding() {
            Some(_) => Codec::Utf8,
            None => self.codec.clone(),
        }
    }

    /// Whether the bytes that rows are split in are UTF-8 made from another encoding.
    #[must_use]
    pub fn transcoding(&self) -> Option<&'static encoding_rs::Encoding> {
        let delimited = |column: &FormatColumn| matches!(column.cut, Cut::Delimiter(_));
        match self.codec {
            Codec::Utf16 => Some(encoding_rs::UTF_16LE),
            // A second byte may look like a delimiter. Widths count bytes of the file, though.
            Codec::MultiByte(encoding) if self.columns.iter().all(delimited) => Some(encoding),
            _ => None,
        }
    }
}
