//! What string functions do with one text. Lengths and positions count UTF-16 units.

use std::borrow::Cow;

use super::super::evaluation_error::Fault;
use crate::convert::utf16_prefix;

/// Most characters that REPLICATE makes: enough for any column, too few to exhaust memory.
const MAX_REPLICATED: usize = 64 << 20;

pub(super) fn upper(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Cow::Borrowed(text);
        }
        return Cow::Owned(text.to_ascii_uppercase());
    }
    Cow::Owned(text.chars().map(|c| single(c, c.to_uppercase())).collect())
}

pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Borrowed(text);
        }
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Owned(text.chars().map(|c| single(c, c.to_lowercase())).collect())
}

/// Windows maps one character to one: `ß` stays where there would be two.
fn single(original: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => original,
    }
}

pub(super) fn trim(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text.trim_matches(' '))
}

pub(super) fn trim_start(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text.trim_start_matches(' '))
}

pub(super) fn trim_end(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text.trim_end_matches(' '))
}

pub(super) fn reverse(text: &str) -> Cow<'_, str> {
    Cow::Owned(text.chars().rev().collect())
}

pub(super) fn length(text: &str) -> Option<i64> {
    i64::try_from(utf16_length(text)).ok()
}

pub(super) fn utf16_length(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char::len_utf16).sum()
}

/// The first unit; an empty text has none.
pub(super) fn code_point(text: &str) -> Option<i64> {
    text.encode_utf16().next().map(i64::from)
}

pub(super) fn left(text: &str, count: i64) -> Result<Cow<'_, str>, Fault> {
    let count = not_negative("LEFT", count, "DTS_E_EXPREVALFNLEFTINVALIDLENGTH")?;
    Ok(Cow::Borrowed(utf16_prefix(text, count)))
}

pub(super) fn right(text: &str, count: i64) -> Result<Cow<'_, str>, Fault> {
    let count = not_negative("RIGHT", count, "DTS_E_EXPREVALFNRIGHTINVALIDLENGTH")?;
    let dropped = utf16_length(text).saturating_sub(count);
    Ok(Cow::Borrowed(after(text, dropped)))
}

pub(super) fn substring(text: &str, position: i64, length: i64) -> Result<Cow<'_, str>, Fault> {
    if position <= 0 {
        return Err(Fault::Argument {
            function: "SUBSTRING",
            reason: "the position must be greater than 0",
            symbol: "DTS_E_EXPREVALFNSUBSTRINGINVALIDSTARTINDEX",
        });
    }
    let symbol = "DTS_E_EXPREVALFNSUBSTRINGINVALIDLENGTH";
    let length = not_negative("SUBSTRING", length, symbol)?;
    let skipped = usize::try_from(position - 1).unwrap_or(usize::MAX);
    Ok(Cow::Borrowed(utf16_prefix(after(text, skipped), length)))
}

/// What follows the first units; nothing when there are not so many.
fn after(text: &str, units: usize) -> &str {
    if units >= text.len() {
        return "";
    }
    &text[utf16_prefix(text, units).len()..]
}

pub(super) fn replace<'a>(
    text: &'a str,
    search: &str,
    replacement: &str,
) -> Result<Cow<'a, str>, Fault> {
    if search.is_empty() {
        return Err(Fault::Argument {
            function: "REPLACE",
            reason: "the text to search for must not be empty",
            symbol: "",
        });
    }
    let found = match search.as_bytes() {
        [byte] => memchr::memchr(*byte, text.as_bytes()),
        bytes => memchr::memmem::find(text.as_bytes(), bytes),
    };
    if found.is_none() {
        return Ok(Cow::Borrowed(text));
    }
    Ok(Cow::Owned(text.replace(search, replacement)))
}

pub(super) fn replicate(text: &str, times: i64) -> Result<Cow<'_, str>, Fault> {
    let symbol = "DTS_E_EXPREVALFNREPLICATEINVALIDREPEATCOUNT";
    let times = not_negative("REPLICATE", times, symbol)?;
    let size = text.len().saturating_mul(times);
    if size > MAX_REPLICATED {
        return Err(Fault::Argument {
            function: "REPLICATE",
            reason: "the result would be larger than 64 MiB",
            symbol: "",
        });
    }
    Ok(match times {
        _ if text.is_empty() => Cow::Borrowed(""),
        0 => Cow::Borrowed(""),
        1 => Cow::Borrowed(text),
        _ => Cow::Owned(text.repeat(times)),
    })
}

/// The position from 1 of the nth match, which may overlap the one before; 0 when there is none.
pub(super) fn find_string(text: &str, search: &str, occurrence: i64) -> Result<i64, Fault> {
    if occurrence <= 0 {
        return Err(Fault::Argument {
            function: "FINDSTRING",
            reason: "the occurrence must be greater than 0",
            symbol: "DTS_E_EXPREVALFNFINDSTRINGINVALIDOCCURRENCECOUNT",
        });
    }
    if search.is_empty() {
        return Ok(0);
    }
    let find = |rest: &str| match search.as_bytes() {
        [byte] => memchr::memchr(*byte, rest.as_bytes()),
        bytes => memchr::memmem::find(rest.as_bytes(), bytes),
    };
    let mut from = 0;
    let mut seen = 0;
    while let Some(offset) = find(&text[from..]) {
        let at = from + offset;
        seen += 1;
        if seen == occurrence {
            return Ok(i64::try_from(utf16_length(&text[..at]) + 1).unwrap_or(i64::MAX));
        }
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    Ok(0)
}

/// The parts between delimiters; several in a row count as one.
pub(super) fn tokens<'a>(text: &'a str, delimiters: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    text.split(move |character| delimiters.contains(character))
        .filter(|token| !token.is_empty())
}

fn not_negative(function: &'static str, count: i64, symbol: &'static str) -> Result<usize, Fault> {
    if count < 0 {
        return Err(Fault::Argument {
            function,
            reason: "the number must not be negative",
            symbol,
        });
    }
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}
