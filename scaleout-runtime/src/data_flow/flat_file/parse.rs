//! From the text of a field to a value of its column.
//!
//! The forms that nearly every file has (plain integers and decimals, ISO dates) are read
//! here without a detour; all others, and everything that a locale decides, by
//! [`crate::convert`].

use super::encoding::Codec;
use super::plain::{decimal, float, integer, iso_date, iso_moment, word};
use crate::convert::{ColumnBuilder, fit_text, is_temporal, parse_text};
use crate::value::{DataType, Value};

/// How one column of the output is made from its field.
pub(super) struct CellParser {
    data_type: DataType,
    locale_id: u32,
    rules: CellRules,
    /// The locale writes its decimals with a point.
    has_decimal_point: bool,
    limit: TextLimit,
}

/// Settings that decide how a field is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CellRules {
    /// An empty field is NULL, not the default of its type.
    pub empty_is_null: bool,
    /// `FastParse`: only forms that no locale decides.
    pub fast_parse: bool,
    /// `UseBinaryFormat`: the bytes themselves are the value.
    pub binary: bool,
    /// Text that is too long is cut, not refused.
    pub cuts_text: bool,
}

/// Why a field is no value of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellError {
    /// It cannot be converted, or is not text in the code page.
    Invalid,
    /// It is too long, or has characters that the column's code page does not.
    Truncated,
}

/// What a column of text can hold.
enum TextLimit {
    None,
    Units(usize),
    Bytes(usize, Codec),
}

/// Memory that fields share.
#[derive(Default)]
pub(super) struct Scratch {
    text: String,
    bytes: Vec<u8>,
}

impl CellParser {
    pub(super) fn new(data_type: DataType, locale_id: u32, rules: CellRules) -> Self {
        let probe = parse_text("1.5", DataType::R8, locale_id);
        let has_decimal_point =
            matches!(probe.map(|read| read.value), Ok(Value::R8(value)) if value == 1.5);
        Self {
            data_type,
            locale_id,
            rules,
            has_decimal_point,
            limit: TextLimit::of(data_type),
        }
    }

    /// Reads the bytes of a field and adds the value; after an error nothing is added.
    pub(super) fn push(
        &self,
        field: &[u8],
        codec: &Codec,
        scratch: &mut Scratch,
        column: &mut ColumnBuilder,
    ) -> Result<(), CellError> {
        if field.is_empty() {
            return self.push_empty(column);
        }
        if self.rules.binary {
            return self.push_bytes(field, column);
        }
        // In every code page digits, signs and the letters of the fast forms are what they are in ASCII.
        if self.fast(field, column).is_some() {
            return Ok(());
        }
        let text = codec
            .decode(field, &mut scratch.text)
            .map_err(|_| CellError::Invalid)?;
        if is_text(self.data_type) {
            return self.push_text(text, &mut scratch.bytes, column);
        }
        let value = self.slow(text)?;
        column.push(&value).map_err(|_| CellError::Invalid)
    }

    /// As [`CellParser::push`] for a field of ASCII characters, none of which is NUL: its text needs no
    /// decoding, and has as many bytes as characters.
    pub(super) fn push_plain(
        &self,
        field: &str,
        column: &mut ColumnBuilder,
    ) -> Result<(), CellError> {
        if field.is_empty() {
            return self.push_empty(column);
        }
        if self.rules.binary {
            return self.push_bytes(field.as_bytes(), column);
        }
        if is_text(self.data_type) {
            if self.limit.holds_plain(field.len()) {
                column.push_text(field);
                return Ok(());
            }
            return self.push_fitted(field, column);
        }
        if self.fast(field.as_bytes(), column).is_some() {
            return Ok(());
        }
        let value = self.slow(field)?;
        column.push(&value).map_err(|_| CellError::Invalid)
    }

    fn push_empty(&self, column: &mut ColumnBuilder) -> Result<(), CellError> {
        if self.rules.empty_is_null {
            column.push_null();
            return Ok(());
        }
        if is_text(self.data_type) {
            column.push_text("");
            return Ok(());
        }
        let value = default_value(self.data_type).ok_or(CellError::Invalid)?;
        column.push(&value).map_err(|_| CellError::Invalid)
    }

    fn push_bytes(&self, field: &[u8], column: &mut ColumnBuilder) -> Result<(), CellError> {
        let kept = match self.data_type {
            DataType::Bytes { length } if 0 < length && (length as usize) < field.len() => {
                if !self.rules.cuts_text {
                    return Err(CellError::Truncated);
                }
                &field[..length as usize]
            }
            _ => field,
        };
        column
            .push(&Value::Bytes(kept.into()))
            .map_err(|_| CellError::Invalid)
    }

    fn push_text(
        &self,
        text: &str,
        bytes: &mut Vec<u8>,
        column: &mut ColumnBuilder,
    ) -> Result<(), CellError> {
        let has_nul = memchr::memchr(0, text.as_bytes()).is_some();
        if !has_nul && self.limit.holds(text, bytes) {
            column.push_text(text);
            return Ok(());
        }
        self.push_fitted(text, column)
    }

    /// Adds as much of a text as fits, or refuses it.
    fn push_fitted(&self, text: &str, column: &mut ColumnBuilder) -> Result<(), CellError> {
        let (kept, lost) = fit_text(text, self.data_type).map_err(|_| CellError::Invalid)?;
        if lost && !self.rules.cuts_text {
            return Err(CellError::Truncated);
        }
        column.push_text(&kept);
        Ok(())
    }

    /// Adds the forms that need no locale; `None` says nothing about the others, and adds nothing.
    fn fast(&self, text: &[u8], column: &mut ColumnBuilder) -> Option<()> {
        match self.data_type {
            DataType::Bool => column.push_bool(word(text)?),
            DataType::I1
            | DataType::I2
            | DataType::I4
            | DataType::I8
            | DataType::Ui1
            | DataType::Ui2
            | DataType::Ui4
            | DataType::Ui8 => column.push_integer(integer(text)?),
            DataType::R8 if self.has_decimal_point => column.push_double(float(text)?),
            DataType::Cy if self.has_decimal_point => column.push_digits(decimal(text, 4)?),
            DataType::Numeric { precision, scale } if self.has_decimal_point => {
                let digits = decimal(text, scale)?;
                let fits = 18 < precision || digits.unsigned_abs() < 10_u64.pow(precision.into());
                fits.then(|| column.push_digits(digits))?
            }
            DataType::Decimal { scale } if self.has_decimal_point => {
                column.push_digits(decimal(text, scale)?)
            }
            DataType::DbDate if text.len() == 10 => column.push_days(iso_date(text)?),
            DataType::Date | DataType::DbTimestamp => column.push_ticks(iso_moment(text, 3)?),
            DataType::DbTimestamp2 { scale } => column.push_ticks(iso_moment(text, scale.into())?),
            _ => None,
        }
    }

    fn slow(&self, text: &str) -> Result<Value, CellError> {
        if self.rules.fast_parse {
            return self.locale_free(text);
        }
        let read = parse_text(text, self.data_type, self.locale_id);
        let read = read.map_err(|_| CellError::Invalid)?;
        if read.truncated && matches!(self.data_type, DataType::Bytes { .. }) {
            return if self.rules.cuts_text {
                Ok(read.value)
            } else {
                Err(CellError::Truncated)
            };
        }
        Ok(read.value)
    }

    /// What `FastParse` accepts beyond [`CellParser::fast`]: `yyyymmdd` and ISO times.
    fn locale_free(&self, text: &str) -> Result<Value, CellError> {
        let bytes = text.as_bytes();
        let is_time = matches!(self.data_type, DataType::DbTime | DataType::DbTime2 { .. });
        if is_time || is_temporal(self.data_type) {
            let compact = bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit);
            if compact && !is_time {
                let dashed = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
                return self.with_locale(&dashed, EN_US);
            }
            let neutral = |byte: &u8| byte.is_ascii_digit() || b"-+.:TZ ".contains(byte);
            let sign = if is_time {
                bytes.get(2) == Some(&b':')
            } else {
                bytes.get(4) == Some(&b'-')
            };
            return if sign && bytes.iter().all(neutral) {
                self.with_locale(text, EN_US)
            } else {
                Err(CellError::Invalid)
            };
        }
        match self.data_type {
            // The only one whose 19th digit may fit.
            DataType::I8 => text.parse().map(Value::I8).map_err(|_| CellError::Invalid),
            DataType::I1 | DataType::I2 | DataType::I4 => Err(CellError::Invalid),
            DataType::Ui1 | DataType::Ui2 | DataType::Ui4 => Err(CellError::Invalid),
            // FastParse is for integers, dates and times; the designer offers it for no other.
            _ => self.with_locale(text, self.locale_id),
        }
    }

    fn with_locale(&self, text: &str, locale_id: u32) -> Result<Value, CellError> {
        let read = parse_text(text, self.data_type, locale_id);
        read.map(|read| read.value).map_err(|_| CellError::Invalid)
    }
}

const EN_US: u32 = 1033;

impl TextLimit {
    fn of(data_type: DataType) -> Self {
        match data_type {
            DataType::Str { length, code_page } => match Codec::of_code_page(code_page.max(1)) {
                Some(codec) if 0 < length => Self::Bytes(length as usize, codec),
                // An unknown length holds any text, but still only characters of its code page.
                Some(codec) => Self::Bytes(usize::MAX, codec),
                None if 0 < length => Self::Units(length as usize),
                None => Self::None,
            },
            DataType::Wstr { length } if 0 < length => Self::Units(length as usize),
            _ => Self::None,
        }
    }

    /// Whether it holds so many ASCII characters.
    fn holds_plain(&self, length: usize) -> bool {
        match self {
            Self::None => true,
            Self::Units(limit) | Self::Bytes(limit, _) => length <= *limit,
        }
    }

    fn holds(&self, text: &str, bytes: &mut Vec<u8>) -> bool {
        match self {
            Self::None => true,
            // Text never has more UTF-16 units than bytes.
            Self::Units(limit) => text.len() <= *limit || Codec::Utf16.measure(text) <= *limit,
            Self::Bytes(limit, _) if text.is_ascii() => text.len() <= *limit,
            Self::Bytes(limit, codec) => {
                bytes.clear();
                codec.encode(text, bytes).is_ok() && bytes.len() <= *limit
            }
        }
    }
}

pub(super) fn is_text(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext
    )
}

/// What an empty field means in a type that is not text; dates and GUIDs have no such value.
fn default_value(data_type: DataType) -> Option<Value> {
    Some(match data_type {
        DataType::Bool => Value::Bool(false),
        DataType::I1 => Value::I1(0),
        DataType::I2 => Value::I2(0),
        DataType::I4 => Value::I4(0),
        DataType::I8 => Value::I8(0),
        DataType::Ui1 => Value::Ui1(0),
        DataType::Ui2 => Value::Ui2(0),
        DataType::Ui4 => Value::Ui4(0),
        DataType::Ui8 => Value::Ui8(0),
        DataType::R4 => Value::R4(0.0),
        DataType::R8 => Value::R8(0.0),
        DataType::Cy => Value::Cy(0),
        DataType::Decimal { .. } | DataType::Numeric { .. } => Value::Decimal(0),
        DataType::Bytes { .. } | DataType::Image => Value::Bytes(Vec::new().into()),
        _ => return None,
    })
}
