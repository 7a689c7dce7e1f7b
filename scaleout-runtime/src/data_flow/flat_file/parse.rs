//! From the text of a field to a value of its column.
//!
//! The forms that nearly every file has (plain integers and decimals, ISO dates) are read
//! here without a detour; all others, and everything that a locale decides, by
//! [`crate::convert`].

use crate::convert::{ColumnBuilder, days_from_civil, fit_text, parse_text};
use crate::value::{DataType, TICKS_PER_DAY, TICKS_PER_SECOND, Value};

use super::encoding::Codec;

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
        let text = codec
            .decode(field, &mut scratch.text)
            .map_err(|_| CellError::Invalid)?;
        if is_text(self.data_type) {
            return self.push_text(text, &mut scratch.bytes, column);
        }
        let value = match self.fast(text.as_bytes()) {
            Some(value) => value,
            None => self.slow(text)?,
        };
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
        let (kept, lost) = fit_text(text, self.data_type).map_err(|_| CellError::Invalid)?;
        if lost && !self.rules.cuts_text {
            return Err(CellError::Truncated);
        }
        column.push_text(&kept);
        Ok(())
    }

    /// The forms that need no locale; `None` says nothing about the others.
    fn fast(&self, text: &[u8]) -> Option<Value> {
        match self.data_type {
            DataType::I1 => i8::try_from(integer(text)?).ok().map(Value::I1),
            DataType::I2 => i16::try_from(integer(text)?).ok().map(Value::I2),
            DataType::I4 => i32::try_from(integer(text)?).ok().map(Value::I4),
            DataType::I8 => integer(text).map(Value::I8),
            DataType::Ui1 => u8::try_from(integer(text)?).ok().map(Value::Ui1),
            DataType::Ui2 => u16::try_from(integer(text)?).ok().map(Value::Ui2),
            DataType::Ui4 => u32::try_from(integer(text)?).ok().map(Value::Ui4),
            DataType::Ui8 => u64::try_from(integer(text)?).ok().map(Value::Ui8),
            DataType::R8 if self.has_decimal_point => float(text).map(Value::R8),
            DataType::Cy if self.has_decimal_point => decimal(text, 4).map(Value::Cy),
            DataType::Numeric { precision, scale } if self.has_decimal_point => {
                let digits = decimal(text, scale)?;
                let fits = 18 < precision || digits.unsigned_abs() < 10_u64.pow(precision.into());
                fits.then_some(Value::Decimal(digits.into()))
            }
            DataType::Decimal { scale } if self.has_decimal_point => {
                decimal(text, scale).map(|digits| Value::Decimal(digits.into()))
            }
            DataType::DbDate if text.len() == 10 => iso_date(text).map(Value::DbDate),
            DataType::Date | DataType::DbTimestamp => iso_moment(text, 3),
            DataType::DbTimestamp2 { scale } => iso_moment(text, scale.into()),
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
        let neutral = |byte: u8| byte.is_ascii_digit() || b"-+.:TZ ".contains(&byte);
        if !is_temporal(self.data_type) && !matches!(self.data_type, DataType::Ui8) {
            return match self.data_type {
                DataType::I1 | DataType::I2 | DataType::I4 | DataType::I8 => {
                    Err(CellError::Invalid)
                }
                DataType::Ui1 | DataType::Ui2 | DataType::Ui4 => Err(CellError::Invalid),
                // FastParse is for integers, dates and times; the designer offers it for no other.
                _ => self.with_locale(text, self.locale_id),
            };
        }
        if !text.bytes().all(neutral) {
            return Err(CellError::Invalid);
        }
        match text.as_bytes() {
            compact if compact.len() == 8 && compact.iter().all(u8::is_ascii_digit) => {
                let dashed = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
                self.with_locale(&dashed, EN_US)
            }
            _ => self.with_locale(text, EN_US),
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

fn is_temporal(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Date
            | DataType::DbDate
            | DataType::DbTime
            | DataType::DbTime2 { .. }
            | DataType::DbTimestamp
            | DataType::DbTimestamp2 { .. }
            | DataType::DbTimestampOffset { .. }
            | DataType::FileTime
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

/// A sign and up to 18 digits.
fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || 18 < digits.len() {
        return None;
    }
    let mut value: i64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if 9 < digit {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

/// A sign, digits and at most `scale` decimals, up to 18 digits in all: the unscaled digits.
fn decimal(text: &[u8], scale: u8) -> Option<i64> {
    let point = memchr::memchr(b'.', text);
    let (whole, fraction) = match point {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[][..]),
    };
    let missing = usize::from(scale).checked_sub(fraction.len())?;
    if 18 < whole.len() + usize::from(scale) || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let negative = whole.starts_with(b"-");
    let mut value = integer(whole)?;
    for byte in fraction {
        let digit = i64::from(byte - b'0');
        value = value * 10 + if negative { -digit } else { digit };
    }
    (0..missing).try_fold(value, |value, _| value.checked_mul(10))
}

/// Only what cannot be a word such as `inf`.
fn float(text: &[u8]) -> Option<f64> {
    let plain = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    if !text.iter().all(plain) {
        return None;
    }
    let value: f64 = fast_float2::parse(text).ok()?;
    value.is_finite().then_some(value)
}

/// `yyyy-mm-dd`
fn iso_date(text: &[u8]) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
    // Types differ in what they make of the first century.
    if year < 100 {
        return None;
    }
    days_from_civil(i32::try_from(year).ok()?, two(*m1, *m2)?, two(*d1, *d2)?)
}

/// `yyyy-mm-dd[ hh:mm:ss[.f]]` with at most `decimals` digits of a second.
fn iso_moment(text: &[u8], decimals: usize) -> Option<Value> {
    let days = iso_date(text.get(..10)?)?;
    let ticks = match &text[10..] {
        [] => 0,
        [
            b' ' | b'T',
            h1,
            h2,
            b':',
            m1,
            m2,
            b':',
            s1,
            s2,
            fraction @ ..,
        ] => {
            let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
            let seconds = two(*s1, *s2)?;
            if 23 < hours || 59 < minutes || 59 < seconds {
                return None;
            }
            let whole = i64::from((hours * 60 + minutes) * 60 + seconds) * TICKS_PER_SECOND;
            whole + fraction_ticks(fraction, decimals)?
        }
        _ => return None,
    };
    Some(Value::Timestamp(i64::from(days) * TICKS_PER_DAY + ticks))
}

fn fraction_ticks(fraction: &[u8], decimals: usize) -> Option<i64> {
    let digits = match fraction {
        [] => return Some(0),
        [b'.', digits @ ..] if digits.len() <= decimals.min(7) => digits,
        _ => return None,
    };
    let missing = u32::try_from(7 - digits.len()).ok()?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(integer(digits)? * 10_i64.pow(missing))
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}
