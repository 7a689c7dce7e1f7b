//! SSIS's codes for flat files, and the words that go with them.

use std::path::Path;

use super::format::Format;
use super::parse::CellError;
use super::reader::{Notice, Place, ROW_LIMIT, ReadError, Returns};
use super::split::BadRow;
use crate::events::{Events, Message, Severity};
use crate::value::DataType;

pub(super) const CANNOT_OPEN: u32 = 0xC020_200E;
pub(super) const DELIMITER_NOT_FOUND: u32 = 0xC020_2055;
pub(super) const PARSE_FAILED: u32 = 0xC020_2058;
pub(super) const SKIPPING_FAILED: u32 = 0xC020_2091;
pub(super) const READING_FAILED: u32 = 0xC020_2092;
pub(super) const CONVERSION_FAILED: u32 = 0xC020_20A1;
pub(super) const TEXT_KIND_MISMATCH: u32 = 0xC020_20F6;
pub(super) const INDUCED_BY_ERROR: u32 = 0xC020_9029;
pub(super) const INDUCED_BY_TRUNCATION: u32 = 0xC020_902A;
pub(super) const VALUE_NOT_CONVERTED: u32 = 0xC020_9084;
pub(super) const VALUE_TRUNCATED: u32 = 0xC020_9085;
pub(super) const PARTIAL_ROW: u32 = 0x8020_200F;
pub(super) const ROWS_LOST: u32 = 0x8020_8386;
pub(super) const STARTED: u32 = 0x4020_90DC;
pub(super) const FINISHED: u32 = 0x4020_90DD;
pub(super) const TOTAL_ROWS: u32 = 0x4020_90DE;

/// A component that speaks about one file.
#[derive(Clone)]
pub(super) struct Speaker {
    /// Component.
    pub component: String,
    /// Connection manager.
    pub connection: String,
    /// The file as the package names it and, where that differs, as it is called here.
    pub file: String,
    /// Encoding of the file, in words.
    pub encoding: String,
}

impl Speaker {
    pub(super) fn new(component: &str, format: &Format, path: &str, local: &Path) -> Self {
        let here = local.display().to_string();
        let file = if here == path {
            path.to_owned()
        } else {
            format!("{path} ({here})")
        };
        Self {
            component: component.to_owned(),
            connection: format.connection.clone(),
            file,
            encoding: format.encoding.clone(),
        }
    }

    /// A message of the component.
    pub(super) fn message(&self, code: u32, text: impl Into<String>) -> Message {
        Message {
            subcomponent: Some(self.component.clone()),
            ..Message::new(code, text)
        }
    }

    /// Reports that work on the file started.
    pub(super) fn started(&self, events: &dyn Events) {
        let text = format!("processing of file \"{}\" has started", self.file);
        events.raise(Severity::Information, self.message(STARTED, text));
    }

    /// Reports that work on the file ended.
    pub(super) fn finished(&self, events: &dyn Events, rows: u64, verb: &str) {
        let total = format!("file \"{}\": {rows} data rows {verb} in total", self.file);
        events.raise(Severity::Information, self.message(TOTAL_ROWS, total));
        let text = format!("processing of file \"{}\" has ended", self.file);
        events.raise(Severity::Information, self.message(FINISHED, text));
    }

    /// The warning about rows that ended early; `first` had `present` of `declared` columns.
    pub(super) fn short_rows(
        &self,
        count: u64,
        first: Place,
        present: usize,
        declared: usize,
    ) -> Message {
        let rows = if count == 1 {
            "1 row ends".to_owned()
        } else {
            format!("{count} rows end")
        };
        let text = format!(
            "{rows} before the last column, the first of them {} with {present} of {declared} columns: what is \
             missing is NULL (file \"{}\")",
            words(first),
            self.file
        );
        self.at(self.message(PARTIAL_ROW, text), first, None)
    }

    /// The error that follows the detail, once the row is known.
    pub(super) fn failed_at(&self, place: Place, column: Option<&str>) -> Message {
        let text = format!(
            "error while processing file \"{}\" at data row {}",
            self.file, place.row
        );
        self.at(self.message(READING_FAILED, text), place, column)
    }

    /// What is said about a field that is no value of its column, when that fails the source.
    pub(super) fn unconverted(
        &self,
        column: &str,
        data_type: DataType,
        error: CellError,
        place: Place,
    ) -> [Message; 2] {
        let (status, reason, code, induced) = match error {
            CellError::Invalid => (
                2,
                format!(
                    "the value is not a valid {}, or not text in {}, which the connection manager \
                     `{}` declares",
                    data_type.name(),
                    self.encoding,
                    self.connection
                ),
                INDUCED_BY_ERROR,
                format!(
                    "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR. output column \
                     \"{column}\" failed because error 0x{VALUE_NOT_CONVERTED:08X} occurred and its \
                     error disposition says to fail on error"
                ),
            ),
            CellError::Truncated => (
                4,
                "text was truncated, or characters had no match in the code page of the column"
                    .to_owned(),
                INDUCED_BY_TRUNCATION,
                format!(
                    "output column \"{column}\" failed because of truncation and its truncation \
                     disposition says to fail"
                ),
            ),
        };
        let detail = format!(
            "conversion failed for column \"{column}\" in {}: status {status}, text \"{reason}\"",
            words(place)
        );
        [(CONVERSION_FAILED, detail), (code, induced)]
            .map(|(code, text)| self.at(self.message(code, text), place, Some(column)))
    }

    /// The message with its row and column.
    pub(super) fn at(&self, message: Message, place: Place, column: Option<&str>) -> Message {
        Message {
            row: Some(place.row),
            column: column.map(str::to_owned),
            ..message
        }
    }

    /// What is wrong with the file itself.
    pub(super) fn cannot_open(&self, reason: &str) -> Message {
        let text = format!("data file \"{}\" cannot be opened: {reason}", self.file);
        self.message(CANNOT_OPEN, text)
    }
}

/// `data row 3 (byte 120)`
pub(super) fn words(place: Place) -> String {
    match place.byte {
        Some(byte) => format!("data row {} (which starts at byte {byte})", place.row),
        None => format!("data row {}", place.row),
    }
}

/// The detail about a file that cannot be read on, and where.
pub(super) fn read_error(
    speaker: &Speaker,
    format: &Format,
    error: &ReadError,
) -> (Message, Option<Place>) {
    let name = |column: usize| format.columns.get(column).map_or("", |column| &column.name);
    let (code, text, place, column) = match error {
        ReadError::Io(place, error) => {
            let text = format!("reading file \"{}\" failed: {error}", speaker.file);
            (READING_FAILED, text, Some(*place), None)
        }
        ReadError::Bad(place, bad) => {
            let (code, text, column) = bad_row(name, *place, *bad);
            (code, text, Some(*place), Some(column))
        }
        ReadError::TooLong {
            place,
            column,
            qualified,
        } => {
            let text = too_long(name(*column), *place, *qualified);
            (DELIMITER_NOT_FOUND, text, Some(*place), Some(*column))
        }
        ReadError::HeaderBeyondEnd => {
            let text = format!(
                "skipping data rows failed: file \"{}\" ends before its header of {} rows does; \
                 check the header row delimiter and the number of header rows to skip",
                speaker.file,
                format.header_rows + u64::from(format.names_in_first_row)
            );
            (SKIPPING_FAILED, text, None, None)
        }
        ReadError::DataRowsBeyondEnd => {
            let text = format!(
                "skipping data rows failed: file \"{}\" has fewer than the {} rows to skip",
                speaker.file, format.data_rows_to_skip
            );
            (SKIPPING_FAILED, text, None, None)
        }
    };
    let message = Message {
        row: place.map(|place| place.row),
        column: column.map(|column| name(column).to_owned()),
        ..speaker.message(code, text)
    };
    (message, place)
}

fn bad_row<'n>(name: impl Fn(usize) -> &'n str, place: Place, bad: BadRow) -> (u32, String, usize) {
    let byte_of = |at: usize| {
        let byte = place
            .byte
            .map(|byte| format!(" (byte {})", byte + at as u64));
        byte.unwrap_or_default()
    };
    match bad {
        BadRow::AfterQualifier { column, at } => {
            let text = format!(
                "column delimiter for column \"{}\" not found in data row {}: text follows its \
                 closing qualifier{}",
                name(column),
                place.row,
                byte_of(at)
            );
            (DELIMITER_NOT_FOUND, text, column)
        }
        BadRow::NeverClosed { column, at } => {
            let text = format!(
                "column \"{}\" of data row {} could not be parsed: its qualifier{} is never closed",
                name(column),
                place.row,
                byte_of(at)
            );
            (PARSE_FAILED, text, column)
        }
    }
}

fn too_long(column: &str, place: Place, qualified: bool) -> String {
    let megabytes = ROW_LIMIT >> 20;
    let reason = if qualified {
        "its qualifier is never closed"
    } else {
        "check the delimiters of the connection manager against the file"
    };
    format!(
        "column delimiter for column \"{column}\" not found within {megabytes} MiB of {}: {reason}",
        words(place)
    )
}

/// The warning about a notice.
pub(super) fn notice(speaker: &Speaker, notice: Notice) -> Message {
    match notice {
        Notice::LineFeeds(declared) => {
            let declared = match declared {
                Returns::CrLf => "CR LF",
                Returns::Cr => "CR",
            };
            let text = format!(
                "the file ends its rows with LF, the connection manager `{}` says {declared}: \
                 rows are taken to end with LF (file \"{}\")",
                speaker.connection, speaker.file
            );
            speaker.message(0, text)
        }
        Notice::NoData => {
            let text = format!(
                "the end of file \"{}\" was reached while reading its header: it has no data rows",
                speaker.file
            );
            speaker.message(0, text)
        }
        Notice::PartialRowKept(place) => {
            let text = format!(
                "there is an incomplete row at the end of the file, {}: its missing columns are NULL",
                words(place)
            );
            speaker.at(speaker.message(PARTIAL_ROW, text), place, None)
        }
        Notice::PartialRowDropped(place) => {
            let text = format!(
                "there is an incomplete row at the end of the file, {}: it is left out",
                words(place)
            );
            speaker.at(speaker.message(PARTIAL_ROW, text), place, None)
        }
    }
}
