//! From a connection manager to a format: what it says, checked, or what is wrong with it.

use scaleout_core::error::{Blame, Explain};
use scaleout_core::package::{ConnectionManager, DataType, FlatFileColumn};

use super::encoding::Codec;
use super::format::{Cut, Format, FormatColumn};

/// Why a connection manager is no usable flat file format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Another kind of connection manager.
    #[error("connection manager `{connection}` is of type `{kind}`, and a flat file is needed")]
    NotFlatFile {
        /// Connection manager.
        connection: String,
        /// `CreationName`.
        kind: String,
    },
    /// A format word that is not known.
    #[error("connection manager `{connection}` has the unknown format `{format}`")]
    UnknownFormat {
        /// Connection manager.
        connection: String,
        /// As written.
        format: String,
    },
    /// No columns.
    #[error("connection manager `{connection}` defines no columns")]
    NoColumns {
        /// Connection manager.
        connection: String,
    },
    /// A delimited column without delimiter, or a fixed one without width.
    #[error("column `{column}` of connection manager `{connection}` has no {lacking}")]
    EndlessColumn {
        /// Connection manager.
        connection: String,
        /// Column.
        column: String,
        /// `delimiter` or `width`.
        lacking: &'static str,
    },
    /// A code page that is not supported.
    #[error("code page {code_page} of connection manager `{connection}` is not supported")]
    CodePage {
        /// Connection manager.
        connection: String,
        /// Number, or the text that should be one.
        code_page: String,
    },
    /// A delimiter or qualifier that the code page does not have.
    #[error(
        "the {what} of connection manager `{connection}` holds `{character}`, which its code page does not have"
    )]
    Delimiter {
        /// Connection manager.
        connection: String,
        /// Which one.
        what: String,
        /// The character.
        character: char,
    },
}

impl Explain for FormatError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFlatFile { .. } => "SO5200",
            Self::UnknownFormat { .. }
            | Self::NoColumns { .. }
            | Self::EndlessColumn { .. }
            | Self::Delimiter { .. } => "SO5201",
            Self::CodePage { .. } => "SO5202",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Unreadable
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::NotFlatFile { .. } => "choose a FLATFILE connection manager for the component",
            Self::CodePage { .. } => {
                "save the file as UTF-8 and set the code page to 65001, or as Unicode"
            }
            Self::UnknownFormat { .. }
            | Self::NoColumns { .. }
            | Self::EndlessColumn { .. }
            | Self::Delimiter { .. } => "correct the connection manager in the package",
        };
        hint.to_owned()
    }
}

/// `Format` of a connection manager.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Delimited,
    FixedWidth,
    RaggedRight,
    Mixed,
}

impl Format {
    /// Settles what a connection manager says.
    ///
    /// # Errors
    /// [`FormatError`] naming what is missing or not supported.
    pub fn settle(manager: &ConnectionManager) -> Result<Self, FormatError> {
        let settings = Settings(manager);
        settings.check_kind()?;
        let layout = settings.layout()?;
        let codec = settings.codec()?;
        let bytes = |what: &str, text: &str| settings.delimiter(&codec, what, text);
        let header_delimiter = settings.text("HeaderRowDelimiter").unwrap_or("\r\n");
        let qualifier = settings.text("TextQualifier").unwrap_or("");
        // The designer writes the word for an absent qualifier.
        let qualifier = if qualifier == "<none>" { "" } else { qualifier };
        let header_delimiter = bytes("header row delimiter", header_delimiter)?;
        let qualifier = bytes("text qualifier", qualifier)?;
        let columns = settings.columns(layout, &codec, !qualifier.is_empty())?;
        Ok(Self {
            connection: manager.name.clone(),
            path: manager.connection_string().to_owned(),
            locale_id: settings.number("LocaleID").unwrap_or(0),
            header_rows: settings.number("HeaderRowsToSkip").unwrap_or(0),
            header_delimiter,
            names_in_first_row: settings.flag("ColumnNamesInFirstDataRow", false),
            data_rows_to_skip: settings.number("DataRowsToSkip").unwrap_or(0),
            qualifier,
            check_row_delimiters: settings.flag("AlwaysCheckForRowDelimiters", true),
            codec,
            encoding: settings.encoding(),
            columns,
        })
    }
}

/// A connection manager, read setting by setting.
struct Settings<'a>(&'a ConnectionManager);

impl Settings<'_> {
    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.properties.get(name).map(String::as_str)
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        match self.text(name).map(str::trim) {
            None | Some("") => default,
            Some(text) => text.eq_ignore_ascii_case("true") || matches!(text, "1" | "-1"),
        }
    }

    fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.text(name)?.trim().parse().ok()
    }

    fn check_kind(&self) -> Result<(), FormatError> {
        let kind = self.0.creation_name.as_str();
        let flat = kind.eq_ignore_ascii_case("FLATFILE");
        if flat || kind.eq_ignore_ascii_case("MULTIFLATFILE") {
            return Ok(());
        }
        let (connection, kind) = (self.name(), kind.to_owned());
        Err(FormatError::NotFlatFile { connection, kind })
    }

    fn layout(&self) -> Result<Layout, FormatError> {
        Ok(match self.text("Format").unwrap_or("Delimited") {
            "" | "Delimited" => Layout::Delimited,
            "FixedWidth" => Layout::FixedWidth,
            "RaggedRight" => Layout::RaggedRight,
            "Mixed" => Layout::Mixed,
            other => {
                let (connection, format) = (self.name(), other.to_owned());
                return Err(FormatError::UnknownFormat { connection, format });
            }
        })
    }

    fn encoding(&self) -> String {
        if self.flag("Unicode", false) {
            return "Unicode".to_owned();
        }
        format!(
            "code page {}",
            self.text("CodePage").unwrap_or("1252").trim()
        )
    }

    fn codec(&self) -> Result<Codec, FormatError> {
        if self.flag("Unicode", false) {
            return Ok(Codec::Utf16);
        }
        let code_page = self.text("CodePage").unwrap_or("1252").trim();
        let known = code_page.parse().ok().and_then(Codec::of_code_page);
        known.ok_or_else(|| FormatError::CodePage {
            connection: self.name(),
            code_page: code_page.to_owned(),
        })
    }

    /// A delimiter in the bytes that rows are split in: UTF-8 wherever a stream is transcoded.
    fn delimiter(&self, codec: &Codec, what: &str, text: &str) -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        let encoded = match codec {
            Codec::SingleByte(_) => codec.encode(text, &mut bytes),
            _ => Codec::Utf8.encode(text, &mut bytes),
        };
        encoded.map_err(|unmappable| FormatError::Delimiter {
            connection: self.name(),
            what: what.to_owned(),
            character: unmappable.0,
        })?;
        Ok(bytes)
    }

    fn columns(
        &self,
        layout: Layout,
        codec: &Codec,
        has_qualifier: bool,
    ) -> Result<Vec<FormatColumn>, FormatError> {
        let columns = &self.0.flat_file_columns;
        let Some(last) = columns.len().checked_sub(1) else {
            let connection = self.name();
            return Err(FormatError::NoColumns { connection });
        };
        let settled = columns.iter().enumerate().map(|(index, column)| {
            let delimited = match layout {
                Layout::Delimited => true,
                Layout::FixedWidth => false,
                Layout::RaggedRight => index == last,
                Layout::Mixed => column.delimited,
            };
            let cut = if delimited {
                self.delimiter_cut(codec, column, index == last)?
            } else {
                self.width_cut(column)?
            };
            Ok(FormatColumn {
                name: column.name.clone(),
                cut,
                maximum_width: maximum_width(column),
                data_type: column.data_type,
                qualified: delimited && has_qualifier && column.text_qualified,
            })
        });
        settled.collect()
    }

    fn delimiter_cut(
        &self,
        codec: &Codec,
        column: &FlatFileColumn,
        is_last: bool,
    ) -> Result<Cut, FormatError> {
        let of_row = self.text("RowDelimiter").filter(|_| is_last).unwrap_or("");
        let text = if column.delimiter.is_empty() {
            of_row
        } else {
            &column.delimiter
        };
        if text.is_empty() {
            return Err(self.endless(column, "delimiter"));
        }
        let what = format!("delimiter of column `{}`", column.name);
        self.delimiter(codec, &what, text).map(Cut::Delimiter)
    }

    fn width_cut(&self, column: &FlatFileColumn) -> Result<Cut, FormatError> {
        match (column.width, column.maximum_width) {
            (0, 0) => Err(self.endless(column, "width")),
            (0, width) | (width, _) => Ok(Cut::Width(width)),
        }
    }

    fn endless(&self, column: &FlatFileColumn, lacking: &'static str) -> FormatError {
        FormatError::EndlessColumn {
            connection: self.name(),
            column: column.name.clone(),
            lacking,
        }
    }
}

/// Only text has a width that it can exceed.
fn maximum_width(column: &FlatFileColumn) -> u32 {
    match column.data_type {
        DataType::Str { .. } | DataType::Wstr { .. } => column.maximum_width,
        _ => 0,
    }
}
