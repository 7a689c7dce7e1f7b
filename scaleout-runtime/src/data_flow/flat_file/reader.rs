//! Reads the rows of one file: skips what is not data, keeps count, refuses what cannot be a row.

use std::io::{self, Read};

use memchr::{memchr, memmem};

use super::encoding::Codec;
use super::format::Format;
use super::input::Input;
use super::split::{BadRow, Field, Split, Splitter};

/// More bytes than this are no row: a qualifier is open, or the delimiter is another one.
pub(super) const ROW_LIMIT: usize = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The rows of a file.
pub(super) struct Reader<R> {
    input: Input<R>,
    splitter: Splitter,
    fields: Vec<Field>,
    /// Length of the row that was given last; it is taken off before the next.
    held: usize,
    rows: u64,
    /// Offsets mean bytes of the file.
    counts_bytes: bool,
    limit: usize,
    notices: Vec<Notice>,
}

/// One row.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Place of the row.
    pub place: Place,
    /// Its bytes without the row delimiter.
    pub data: &'a [u8],
    /// One for each column of the format.
    pub fields: &'a [Field],
}

/// Where a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Data row, from 1.
    pub row: u64,
    /// Byte of the file where it starts, where that is known.
    pub byte: Option<u64>,
}

/// The end of rows that a file does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returns {
    /// CR LF
    CrLf,
    /// CR
    Cr,
}

/// Something worth a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// The format says CR LF or CR, the file has only LF: LF is taken.
    LineFeeds(Returns),
    /// The file ended before its header did: no rows.
    NoData,
    /// The last row is not whole and was given.
    PartialRowKept(Place),
    /// The last row is not whole and was dropped.
    PartialRowDropped(Place),
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum ReadError {
    Io(Place, io::Error),
    Bad(Place, BadRow),
    /// The column is still open after [`ROW_LIMIT`] bytes.
    TooLong {
        place: Place,
        column: usize,
        qualified: bool,
    },
    /// The file ends before `HeaderRowsToSkip` and the column names do.
    HeaderBeyondEnd,
    /// The file ends before `DataRowsToSkip` does.
    DataRowsBeyondEnd,
}

impl<R: Read> Reader<R> {
    /// Opens a file and skips everything before its first data row.
    pub(super) fn open(source: R, format: &Format) -> Result<Self, ReadError> {
        Self::with_limit(source, format, ROW_LIMIT)
    }

    fn with_limit(source: R, format: &Format, limit: usize) -> Result<Self, ReadError> {
        let transcoding = format.transcoding();
        let mut reader = Self {
            input: Input::new(source, transcoding),
            splitter: Splitter::new(format),
            fields: Vec::with_capacity(format.columns.len()),
            held: 0,
            rows: 0,
            counts_bytes: transcoding.is_none(),
            limit,
            notices: Vec::new(),
        };
        reader.skip_mark(format)?;
        let line_feeds;
        let mut format = format;
        if let Some(returns) = missing_returns(format, reader.input.window()) {
            line_feeds = format.with_line_feeds();
            format = &line_feeds;
            reader.splitter = Splitter::new(format);
            reader.notices.push(Notice::LineFeeds(returns));
        }
        reader.skip_header(format)?;
        for _ in 0..format.data_rows_to_skip {
            if reader.advance()?.is_none() {
                return Err(ReadError::DataRowsBeyondEnd);
            }
        }
        reader.rows = 0;
        Ok(reader)
    }

    /// The next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, ReadError> {
        let Some(content) = self.advance()? else {
            return Ok(None);
        };
        Ok(Some(Row {
            place: self.place(),
            data: &self.input.window()[..content],
            fields: &self.fields,
        }))
    }

    /// What was worth a warning since the last call.
    pub(super) fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn advance(&mut self) -> Result<Option<usize>, ReadError> {
        self.input.take(self.held);
        self.held = 0;
        loop {
            let (window, at_end) = (self.input.window(), self.input.is_at_end());
            match self.splitter.split(window, at_end, &mut self.fields) {
                Split::Row {
                    content,
                    length,
                    partial,
                } => {
                    self.held = length;
                    self.rows += 1;
                    if partial {
                        self.notices.push(Notice::PartialRowKept(self.place()));
                    }
                    return Ok(Some(content));
                }
                Split::More { column, qualified } => {
                    if self.limit <= window.len() {
                        let place = self.next_place();
                        return Err(ReadError::TooLong {
                            place,
                            column,
                            qualified,
                        });
                    }
                    self.fill()?;
                }
                Split::Leftover { length } => {
                    self.notices
                        .push(Notice::PartialRowDropped(self.next_place()));
                    self.input.take(length);
                }
                Split::End => return Ok(None),
                Split::Bad(bad) => return Err(ReadError::Bad(self.next_place(), bad)),
            }
        }
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        let place = self.next_place();
        self.input
            .fill()
            .map_err(|error| ReadError::Io(place, error))
    }

    fn place(&self) -> Place {
        let byte = self.counts_bytes.then(|| self.input.taken());
        Place {
            row: self.rows,
            byte,
        }
    }

    fn next_place(&self) -> Place {
        let place = self.place();
        Place {
            row: place.row + 1,
            ..place
        }
    }

    fn skip_mark(&mut self, format: &Format) -> Result<(), ReadError> {
        while !self.input.is_at_end() && self.input.window().len() < BYTE_ORDER_MARK.len() {
            self.fill()?;
        }
        let has_marks = matches!(format.codec, Codec::Utf8 | Codec::Utf16);
        if has_marks && self.input.window().starts_with(BYTE_ORDER_MARK) {
            self.input.take(BYTE_ORDER_MARK.len());
        }
        Ok(())
    }

    fn skip_header(&mut self, format: &Format) -> Result<(), ReadError> {
        if self.input.window().is_empty() {
            // An empty file has no rows, whatever its header should be.
            if format.names_in_first_row || 0 < format.header_rows {
                self.notices.push(Notice::NoData);
            }
            return Ok(());
        }
        for _ in 0..format.header_rows {
            if !self.skip_line(&format.header_delimiter)? {
                return Err(ReadError::HeaderBeyondEnd);
            }
        }
        if format.names_in_first_row && !self.skip_names(format)? {
            self.notices.push(Notice::NoData);
        }
        Ok(())
    }

    /// Takes the row of column names off; false when the file ends before it.
    ///
    /// It ends like a data row or with the header row delimiter, whichever comes first:
    /// packages have header row delimiters that their files do not.
    fn skip_names(&mut self, format: &Format) -> Result<bool, ReadError> {
        let delimiter = format.names_delimiter();
        let splits = format.row_delimiter().is_some();
        loop {
            let (window, at_end) = (self.input.window(), self.input.is_at_end());
            let by_header = delimiter
                .and_then(|delimiter| Some(memmem::find(window, delimiter)? + delimiter.len()));
            let by_row = match self.splitter.split(window, at_end, &mut self.fields) {
                Split::Row { length, .. } if splits => Some(length),
                _ => None,
            };
            if let Some(length) = by_header.into_iter().chain(by_row).min() {
                self.input.take(length);
                return Ok(true);
            }
            if at_end {
                let length = window.len();
                self.input.take(length);
                return Ok(false);
            }
            if self.limit <= window.len() {
                return Err(ReadError::HeaderBeyondEnd);
            }
            self.fill()?;
        }
    }

    /// Takes one header line off; false when the file ends before its delimiter.
    fn skip_line(&mut self, delimiter: &[u8]) -> Result<bool, ReadError> {
        loop {
            if let Some(at) = memmem::find(self.input.window(), delimiter) {
                self.input.take(at + delimiter.len());
                return Ok(true);
            }
            if self.input.is_at_end() {
                return Ok(false);
            }
            if self.limit <= self.input.window().len() {
                return Err(ReadError::HeaderBeyondEnd);
            }
            self.fill()?;
        }
    }
}

/// What the format says where the start of the file has only LF outside qualifiers.
fn missing_returns(format: &Format, window: &[u8]) -> Option<Returns> {
    let declared = format.row_delimiter()?;
    let (returns, present) = if declared.ends_with(b"\r\n") {
        (Returns::CrLf, memmem::find(window, b"\r\n").is_some())
    } else if declared.ends_with(b"\r") {
        (Returns::Cr, memchr(b'\r', window).is_some())
    } else {
        return None;
    };
    (!present && has_line_feeds(format, window)).then_some(returns)
}

/// Whether there is an LF outside qualifiers.
fn has_line_feeds(format: &Format, window: &[u8]) -> bool {
    if format.qualifier.is_empty() {
        return memchr(b'\n', window).is_some();
    }
    let mut rest = window;
    while let Some(opening) = memmem::find(rest, &format.qualifier) {
        if memchr(b'\n', &rest[..opening]).is_some() {
            return true;
        }
        rest = &rest[opening + format.qualifier.len()..];
        let Some(closing) = memmem::find(rest, &format.qualifier) else {
            return false;
        };
        rest = &rest[closing + format.qualifier.len()..];
    }
    memchr(b'\n', rest).is_some()
}
