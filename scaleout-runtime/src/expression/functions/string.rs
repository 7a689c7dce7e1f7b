//! Types of string functions, and those functions that are more than text to text.

use super::super::evaluation_error::Fault;
use super::super::mistake::Mistake;
use super::super::operators::MISLABELED;
use super::super::plan::Node;
use super::super::types::{MAX_WSTR, string_length};
use super::call::Call;
use super::text;
use crate::convert::{CodePage, digits_of};
use crate::value::{DataType, Value};

type Typed = Result<DataType, Mistake>;

fn wide(length: u32) -> Typed {
    Ok(DataType::Wstr {
        length: length.min(MAX_WSTR),
    })
}

fn length_of(arguments: &[Node]) -> u32 {
    arguments
        .first()
        .map_or(MAX_WSTR, |first| string_length(first.data_type))
}

/// As long as the first argument at most.
pub(super) fn same_length(arguments: &[Node]) -> Typed {
    wide(length_of(arguments))
}

/// Of a length that is not known before.
pub(super) fn any_length(_: &[Node]) -> Typed {
    wide(MAX_WSTR)
}

/// At most as long as a constant second argument says.
pub(super) fn counted(arguments: &[Node]) -> Typed {
    wide(length_of(arguments).min(static_count(arguments.get(1))))
}

/// At most as long as a constant third argument says.
pub(super) fn ranged(arguments: &[Node]) -> Typed {
    wide(length_of(arguments).min(static_count(arguments.get(2))))
}

pub(super) fn replicated(arguments: &[Node]) -> Typed {
    match static_count(arguments.get(1)) {
        u32::MAX => wide(MAX_WSTR),
        times => wide(length_of(arguments).saturating_mul(times)),
    }
}

fn static_count(argument: Option<&Node>) -> u32 {
    let digits = argument.and_then(|node| digits_of(node.constant()?, node.data_type));
    digits
        .and_then(|(digits, _)| u32::try_from(digits).ok())
        .unwrap_or(u32::MAX)
}

pub(super) fn code_point_type(_: &[Node]) -> Typed {
    Ok(DataType::Ui2)
}

/// Two digits per byte.
pub(super) fn hex_type(arguments: &[Node]) -> Typed {
    wide(match arguments.first().map(|first| first.data_type) {
        Some(DataType::I1 | DataType::Ui1) => 2,
        Some(DataType::I2 | DataType::Ui2) => 4,
        Some(DataType::I4 | DataType::Ui4) => 8,
        _ => 16,
    })
}

pub(super) fn hex(call: &Call<'_>) -> Result<Value, Fault> {
    let digits = match *call.argument(0)? {
        Value::I1(value) => format!("{value:X}"),
        Value::I2(value) => format!("{value:X}"),
        Value::I4(value) => format!("{value:X}"),
        Value::I8(value) => format!("{value:X}"),
        Value::Ui1(value) => format!("{value:X}"),
        Value::Ui2(value) => format!("{value:X}"),
        Value::Ui4(value) => format!("{value:X}"),
        Value::Ui8(value) => format!("{value:X}"),
        _ => return Err(MISLABELED),
    };
    Ok(Value::Str(digits.into()))
}

/// Bytes of a large object: two per unit of a `DT_NTEXT`.
pub(super) fn blob_length(call: &Call<'_>) -> Result<Value, Fault> {
    let bytes = match (call.argument(0)?, call.types.first()) {
        (Value::Bytes(bytes), _) => bytes.len(),
        (Value::Str(text), Some(DataType::Text { code_page })) => {
            let page =
                CodePage::from_number(*code_page).map_err(crate::convert::ConvertError::from)?;
            page.encode(text).bytes.len()
        }
        (Value::Str(text), _) => text::utf16_length(text) * 2,
        _ => return Err(MISLABELED),
    };
    call.integer(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// Beyond the last token there is null.
pub(super) fn token(call: &Call<'_>) -> Result<Value, Fault> {
    let occurrence = call.count(2)?;
    let Some(skipped) = usize::try_from(occurrence)
        .ok()
        .and_then(|n| n.checked_sub(1))
    else {
        return Err(Fault::Argument {
            function: "TOKEN",
            reason: "the occurrence must be greater than 0",
            symbol: "DTS_E_EXPREVALFNTOKENINVALIDOCCURRENCECOUNT",
        });
    };
    let token = text::tokens(call.text(0)?, call.text(1)?).nth(skipped);
    Ok(token.map_or(Value::Null, |token| Value::Str(token.into())))
}

/// Null has no tokens.
pub(super) fn token_count(call: &Call<'_>) -> Result<Value, Fault> {
    match call.arguments {
        [Value::Str(text), Value::Str(delimiters)] => {
            let count = text::tokens(text, delimiters).count();
            call.integer(i64::try_from(count).unwrap_or(i64::MAX))
        }
        [Value::Null, _] => Ok(Value::I4(0)),
        [_, Value::Null] => Ok(Value::Null),
        _ => Err(MISLABELED),
    }
}
