//! The data types of the data flow and of expressions (`DT_*`).
//!
//! What values of a type look like and how they convert is the runtime's.

use serde::{Deserialize, Serialize};

/// A `DT_*` type with the facets that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DataType {
    /// `DT_BOOL`
    Bool,
    /// `DT_I1`
    I1,
    /// `DT_I2`
    I2,
    /// `DT_I4`
    I4,
    /// `DT_I8`
    I8,
    /// `DT_UI1`
    Ui1,
    /// `DT_UI2`
    Ui2,
    /// `DT_UI4`
    Ui4,
    /// `DT_UI8`
    Ui8,
    /// `DT_R4`
    R4,
    /// `DT_R8`
    R8,
    /// `DT_CY`: 8-byte integer scaled by 10,000
    Cy,
    /// `DT_DECIMAL`: 96-bit unsigned and a sign
    Decimal {
        /// Digits after the point, 0 to 28.
        scale: u8,
    },
    /// `DT_NUMERIC`
    Numeric {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point, 0 to `precision`.
        scale: u8,
    },
    /// `DT_STR`
    Str {
        /// Bytes in the code page, at most 8,000; 0 means unknown.
        length: u32,
        /// Windows code page, such as 1252 or 65001.
        code_page: u32,
    },
    /// `DT_WSTR`
    Wstr {
        /// UTF-16 units, at most 4,000; 0 means unknown.
        length: u32,
    },
    /// `DT_TEXT`
    Text {
        /// Windows code page.
        code_page: u32,
    },
    /// `DT_NTEXT`
    Ntext,
    /// `DT_BYTES`
    Bytes {
        /// Bytes, at most 8,000.
        length: u32,
    },
    /// `DT_IMAGE`
    Image,
    /// `DT_GUID`
    Guid,
    /// `DT_DATE`: OLE automation date
    Date,
    /// `DT_DBDATE`
    DbDate,
    /// `DT_DBTIME`: whole seconds
    DbTime,
    /// `DT_DBTIME2`
    DbTime2 {
        /// Digits of the fraction of a second, 0 to 7.
        scale: u8,
    },
    /// `DT_DBTIMESTAMP`: up to 3 fractional digits
    DbTimestamp,
    /// `DT_DBTIMESTAMP2`
    DbTimestamp2 {
        /// Digits of the fraction of a second, 0 to 7.
        scale: u8,
    },
    /// `DT_DBTIMESTAMPOFFSET`
    DbTimestampOffset {
        /// Digits of the fraction of a second, 0 to 7.
        scale: u8,
    },
    /// `DT_FILETIME`: 100 ns since 1601-01-01
    FileTime,
}

impl DataType {
    /// The name in the expression language and in messages, such as `DT_WSTR`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "DT_BOOL",
            Self::I1 => "DT_I1",
            Self::I2 => "DT_I2",
            Self::I4 => "DT_I4",
            Self::I8 => "DT_I8",
            Self::Ui1 => "DT_UI1",
            Self::Ui2 => "DT_UI2",
            Self::Ui4 => "DT_UI4",
            Self::Ui8 => "DT_UI8",
            Self::R4 => "DT_R4",
            Self::R8 => "DT_R8",
            Self::Cy => "DT_CY",
            Self::Decimal { .. } => "DT_DECIMAL",
            Self::Numeric { .. } => "DT_NUMERIC",
            Self::Str { .. } => "DT_STR",
            Self::Wstr { .. } => "DT_WSTR",
            Self::Text { .. } => "DT_TEXT",
            Self::Ntext => "DT_NTEXT",
            Self::Bytes { .. } => "DT_BYTES",
            Self::Image => "DT_IMAGE",
            Self::Guid => "DT_GUID",
            Self::Date => "DT_DATE",
            Self::DbDate => "DT_DBDATE",
            Self::DbTime => "DT_DBTIME",
            Self::DbTime2 { .. } => "DT_DBTIME2",
            Self::DbTimestamp => "DT_DBTIMESTAMP",
            Self::DbTimestamp2 { .. } => "DT_DBTIMESTAMP2",
            Self::DbTimestampOffset { .. } => "DT_DBTIMESTAMPOFFSET",
            Self::FileTime => "DT_FILETIME",
        }
    }

    /// The type of a name such as `DT_I4`, in upper case, if the name says all: `None` for types
    /// with a length, precision, scale or code page, and for what is no type.
    #[must_use]
    pub fn from_plain_name(name: &str) -> Option<Self> {
        let plain = [
            Self::Bool,
            Self::I1,
            Self::I2,
            Self::I4,
            Self::I8,
            Self::Ui1,
            Self::Ui2,
            Self::Ui4,
            Self::Ui8,
            Self::R4,
            Self::R8,
            Self::Cy,
            Self::Ntext,
            Self::Image,
            Self::Guid,
            Self::Date,
            Self::DbDate,
            Self::DbTime,
            Self::DbTimestamp,
            Self::FileTime,
        ];
        plain.into_iter().find(|plain| plain.name() == name)
    }
}

/// The facets that a column or a flat file column writes beside its type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Attribute `length`.
    pub length: u32,
    /// Attribute `precision`.
    pub precision: u8,
    /// Attribute `scale`.
    pub scale: u8,
    /// Attribute `codePage`; 0 when absent.
    pub code_page: u32,
}

impl DataType {
    /// Reads the `dataType` word of a data flow column, such as `wstr` or `dbTimeStamp`.
    ///
    /// Returns `None` for a word that names no type.
    #[must_use]
    pub fn from_column_word(word: &str, facets: Facets) -> Option<Self> {
        let Facets {
            length,
            precision,
            scale,
            code_page,
        } = facets;
        Some(match word {
            "bool" => Self::Bool,
            "i1" => Self::I1,
            "i2" => Self::I2,
            "i4" => Self::I4,
            "i8" => Self::I8,
            "ui1" => Self::Ui1,
            "ui2" => Self::Ui2,
            "ui4" => Self::Ui4,
            "ui8" => Self::Ui8,
            "r4" => Self::R4,
            "r8" => Self::R8,
            "cy" => Self::Cy,
            "decimal" => Self::Decimal { scale },
            "numeric" => Self::Numeric { precision, scale },
            "str" => Self::Str { length, code_page },
            "wstr" => Self::Wstr { length },
            "text" => Self::Text { code_page },
            "nText" => Self::Ntext,
            "bytes" => Self::Bytes { length },
            "image" => Self::Image,
            "guid" => Self::Guid,
            "date" => Self::Date,
            "dbDate" => Self::DbDate,
            "dbTime" => Self::DbTime,
            "dbTime2" => Self::DbTime2 { scale },
            "dbTimeStamp" => Self::DbTimestamp,
            "dbTimeStamp2" => Self::DbTimestamp2 { scale },
            "dbTimeStampOffset" => Self::DbTimestampOffset { scale },
            "fileTime" => Self::FileTime,
            _ => return None,
        })
    }

    /// Reads the number that a flat file connection manager column carries
    /// instead of a word.
    #[must_use]
    pub fn from_number(number: u16, facets: Facets) -> Option<Self> {
        let word = match number {
            2 => "i2",
            3 => "i4",
            4 => "r4",
            5 => "r8",
            6 => "cy",
            7 => "date",
            11 => "bool",
            14 => "decimal",
            16 => "i1",
            17 => "ui1",
            18 => "ui2",
            19 => "ui4",
            20 => "i8",
            21 => "ui8",
            64 => "fileTime",
            72 => "guid",
            128 => "bytes",
            129 => "str",
            130 => "wstr",
            131 => "numeric",
            133 => "dbDate",
            134 => "dbTime",
            135 => "dbTimeStamp",
            145 => "dbTime2",
            146 => "dbTimeStampOffset",
            301 => "image",
            302 => "text",
            303 => "nText",
            304 => "dbTimeStamp2",
            _ => return None,
        };
        Self::from_column_word(word, facets)
    }
}
