//! What becomes of a text: the operations of `MapFlags`.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

const LOWER: u32 = 0x100;
const UPPER: u32 = 0x200;
const BYTE_REVERSAL: u32 = 0x800;
const HIRAGANA: u32 = 0x10_0000;
const KATAKANA: u32 = 0x20_0000;
const HALF_WIDTH: u32 = 0x40_0000;
const FULL_WIDTH: u32 = 0x80_0000;
const LINGUISTIC_CASING: u32 = 0x100_0000;
const SIMPLIFIED: u32 = 0x200_0000;
const TRADITIONAL: u32 = 0x400_0000;

/// Operations that are done one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping(u32);

impl Mapping {
    /// The operations of a number in a package.
    ///
    /// # Errors
    /// Why they cannot be done: a clause that goes on from the name of the column.
    pub fn new(flags: u32) -> Result<Self, String> {
        let known =
            LOWER | UPPER | HIRAGANA | KATAKANA | HALF_WIDTH | FULL_WIDTH | LINGUISTIC_CASING;
        for (flag, name) in [
            (BYTE_REVERSAL, "reversal of bytes, which leaves no text"),
            (SIMPLIFIED, "simplified Chinese"),
            (TRADITIONAL, "traditional Chinese"),
        ] {
            if flags & flag != 0 {
                return Err(format!("is mapped to {name}, and that does not run here"));
            }
        }
        if flags & !known != 0 {
            let unknown = flags & !known;
            return Err(format!(
                "has the map flags {flags}, of which {unknown} means nothing"
            ));
        }
        for (one, other, names) in [
            (LOWER, UPPER, "lower case and upper case"),
            (HIRAGANA, KATAKANA, "hiragana and katakana"),
            (HALF_WIDTH, FULL_WIDTH, "half width and full width"),
        ] {
            if flags & one != 0 && flags & other != 0 {
                return Err(format!("is mapped to {names} at once; choose one"));
            }
        }
        Ok(Self(flags))
    }

    /// The text after all operations.
    #[must_use]
    pub fn map(self, text: &str) -> String {
        let has = |flag: u32| self.0 & flag != 0;
        let mut mapped: String = match (has(LOWER), has(UPPER), has(LINGUISTIC_CASING)) {
            (true, _, false) => text
                .chars()
                .map(|it| single(it, it.to_lowercase()))
                .collect(),
            (_, true, false) => text
                .chars()
                .map(|it| single(it, it.to_uppercase()))
                .collect(),
            (true, _, true) => text.to_lowercase(),
            (_, true, true) => text.to_uppercase(),
            (false, false, _) => text.to_owned(),
        };
        // Half-width syllables have no hiragana: they become full before, narrow after.
        if has(FULL_WIDTH) {
            mapped = widened(&mapped);
        }
        if has(HIRAGANA) {
            mapped = mapped
                .chars()
                .map(|it| shifted(it, '\u{30A1}', '\u{3041}'))
                .collect();
        }
        if has(KATAKANA) {
            mapped = mapped
                .chars()
                .map(|it| shifted(it, '\u{3041}', '\u{30A1}'))
                .collect();
        }
        if has(HALF_WIDTH) {
            mapped = narrowed(&mapped);
        }
        mapped
    }
}

/// The mapped character, or itself where the mapping is more than one.
fn single(character: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    match (mapped.len(), mapped.next()) {
        (1, Some(mapped)) => mapped,
        _ => character,
    }
}

/// A syllable of one syllabary in the other; both have 86 in the same order, and marks behind.
fn shifted(character: char, from: char, to: char) -> char {
    let offset = u32::from(character).wrapping_sub(u32::from(from));
    let is_syllable = offset < 86 || offset == 0x5C || offset == 0x5D;
    match is_syllable {
        true => char::from_u32(u32::from(to) + offset).unwrap_or(character),
        false => character,
    }
}

/// Everything in full width.
fn widened(text: &str) -> String {
    let mut wide = String::with_capacity(text.len() * 2);
    let mut syllables = String::new();
    for character in text.chars() {
        if ('\u{FF61}'..='\u{FF9F}').contains(&character) {
            syllables.push(character);
            continue;
        }
        // A syllable and the voice mark behind it are one character.
        wide.extend(std::mem::take(&mut syllables).nfkc());
        wide.push(match character {
            ' ' => '\u{3000}',
            '!'..='~' => char::from_u32(u32::from(character) + 0xFEE0).unwrap_or(character),
            _ => *WIDE.get(&character).unwrap_or(&character),
        });
    }
    wide.extend(syllables.nfkc());
    wide
}

/// Everything in half width.
fn narrowed(text: &str) -> String {
    let mut narrow = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{3000}' => narrow.push(' '),
            '\u{FF01}'..='\u{FF5E}' => {
                let plain = char::from_u32(u32::from(character) - 0xFEE0);
                narrow.push(plain.unwrap_or(character));
            }
            '\u{3001}'..='\u{30FF}' => narrow_syllable(character, &mut narrow),
            _ => narrow.push(*NARROW.get(&character).unwrap_or(&character)),
        }
    }
    narrow
}

/// A voiced syllable has no half-width form of its own: it becomes two characters.
fn narrow_syllable(character: char, narrow: &mut String) {
    if let Some(half) = NARROW.get(&character) {
        narrow.push(*half);
        return;
    }
    let mut parts = Vec::new();
    decompose_canonical(character, |part| {
        parts.push(match part {
            '\u{3099}' => Some('\u{FF9E}'),
            '\u{309A}' => Some('\u{FF9F}'),
            other => NARROW.get(&other).copied(),
        });
    });
    match parts.into_iter().collect::<Option<String>>() {
        Some(half) => narrow.push_str(&half),
        None => narrow.push(character),
    }
}

/// Half-width characters outside ASCII and the full-width ones that they stand for.
static WIDE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let half = ('\u{FF61}'..='\u{FFDC}').chain('\u{FFE8}'..='\u{FFEE}');
    let mut wide: HashMap<char, char> = half
        .filter_map(|half| {
            let mut full = std::iter::once(half).nfkc();
            let first = full.next().filter(|full| *full != half)?;
            full.next().is_none().then_some((half, first))
        })
        .collect();
    for full in '\u{FFE0}'..='\u{FFE6}' {
        let mut half = std::iter::once(full).nfkc();
        if let (Some(first), None) = (half.next(), half.next()) {
            wide.insert(first, full);
        }
    }
    wide
});

static NARROW: LazyLock<HashMap<char, char>> =
    LazyLock::new(|| WIDE.iter().map(|(half, full)| (*full, *half)).collect());

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(flags: u32, text: &str) -> String {
        Mapping::new(flags).unwrap().map(text)
    }

    #[test]
    fn every_operation_does_what_its_name_says() {
        for (flags, text, expected) in [
            (LOWER, "ÀB1", "àb1"),
            // Without linguistic casing a character stays one character.
            (UPPER, "àß ﬁ", "Àß ﬁ"),
            (UPPER | LINGUISTIC_CASING, "straße", "STRASSE"),
            (HIRAGANA, "カタゔヽ", "かたゔゝ"),
            (KATAKANA, "ひらがな", "ヒラガナ"),
            (HALF_WIDTH, "ＡＢ　１２！ガパー。￥", "AB 12!ｶﾞﾊﾟｰ｡¥"),
            (FULL_WIDTH, "AB 1!ｶﾞﾊﾟｰ｡¥", "ＡＢ　１！ガパー。￥"),
            (FULL_WIDTH | HIRAGANA, "ｶﾞ", "が"),
            (HALF_WIDTH | KATAKANA | UPPER, "がａ", "ｶﾞA"),
            (0, "as it is", "as it is"),
        ] {
            assert_eq!(mapped(flags, text), expected, "{flags:#x} of {text}");
        }
    }

    #[test]
    fn what_excludes_each_other_or_does_not_run_is_said() {
        for (flags, words) in [
            (LOWER | UPPER, "choose one"),
            (HIRAGANA | KATAKANA, "choose one"),
            (HALF_WIDTH | FULL_WIDTH, "choose one"),
            (SIMPLIFIED, "simplified Chinese"),
            (BYTE_REVERSAL, "does not run here"),
            (1, "means nothing"),
        ] {
            let refused = Mapping::new(flags).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
