//! String literals and their escapes.

use std::sync::Arc;

use super::mistake::Mistake;
use super::token::Token;
use crate::value::{DataType, Value};

/// Reads the literal at the start of a text, which is a `"`. A mistake comes with its offset.
pub(super) fn read(rest: &str) -> Result<(Token, usize), (Mistake, usize)> {
    let mut units: Vec<u16> = Vec::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((literal(&units), at + 1)),
            '\\' => {
                let Some((_, escape)) = characters.next() else {
                    break;
                };
                if escape == 'x' {
                    let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                    units.push(hexadecimal(&digits).ok_or((Mistake::HexEscape, at))?);
                } else {
                    let decoded =
                        simple(escape).ok_or_else(|| (Mistake::Escape(escape.to_string()), at))?;
                    units.push(decoded);
                }
            }
            _ => units.extend_from_slice(character.encode_utf16(&mut [0; 2])),
        }
    }
    Err((Mistake::Unclosed("the text literal"), 0))
}

fn literal(units: &[u16]) -> Token {
    let text = String::from_utf16_lossy(units);
    let length = u32::try_from(units.len()).unwrap_or(u32::MAX);
    Token::Literal(Value::Str(Arc::from(text)), DataType::Wstr { length })
}

fn simple(escape: char) -> Option<u16> {
    Some(match escape {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0C,
        'n' => 0x0A,
        'r' => 0x0D,
        't' => 0x09,
        'v' => 0x0B,
        '"' => 0x22,
        '\\' => 0x5C,
        _ => return None,
    })
}

fn hexadecimal(digits: &str) -> Option<u16> {
    let all = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let unit = all
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()?;
    (unit != 0).then_some(unit)
}
