//! Text as bytes whose order is the order of [`super::compare_text`].
//!
//! Sort, Merge, Merge Join and Aggregate all compare these bytes, so that they agree on what
//! is equal and what comes first. Comparison flags change the text before it is compared:
//! two texts are equal when they are the same after that.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::collate::weight;

/// What a comparison of text ignores: `NewComparisonFlags` and its like
/// (`components.json`, comparison flags).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComparisonFlags(u32);

impl ComparisonFlags {
    const IGNORE_CASE: u32 = 0x1;
    const IGNORE_NONSPACE: u32 = 0x2;
    const IGNORE_SYMBOLS: u32 = 0x4;
    /// Signs sort before letters, hyphen and apostrophe among them: so they always do here.
    const STRING_SORT: u32 = 0x1000;
    const IGNORE_KANA: u32 = 0x1_0000;
    const IGNORE_WIDTH: u32 = 0x2_0000;
    const KNOWN: u32 = Self::IGNORE_CASE
        | Self::IGNORE_NONSPACE
        | Self::IGNORE_SYMBOLS
        | Self::STRING_SORT
        | Self::IGNORE_KANA
        | Self::IGNORE_WIDTH;

    /// The flags of a package.
    ///
    /// # Errors
    /// The bits that mean nothing here.
    pub fn new(bits: u32) -> Result<Self, u32> {
        match bits & !Self::KNOWN {
            0 => Ok(Self(bits)),
            unknown => Err(unknown),
        }
    }

    /// The number that packages hold.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    fn changes_ascii(self) -> bool {
        self.has(Self::IGNORE_CASE | Self::IGNORE_SYMBOLS)
    }
}

/// The text with everything taken out that the flags ignore.
#[must_use]
pub fn fold_text(text: &str, flags: ComparisonFlags) -> Cow<'_, str> {
    if flags.0 & !ComparisonFlags::STRING_SORT == 0 || text.is_ascii() && !flags.changes_ascii() {
        return Cow::Borrowed(text);
    }
    let mut folded = text.to_owned();
    if flags.has(ComparisonFlags::IGNORE_WIDTH) {
        folded = folded.chars().flat_map(narrow).nfc().collect();
    }
    if flags.has(ComparisonFlags::IGNORE_KANA) {
        folded = folded.chars().map(to_hiragana).collect();
    }
    if flags.has(ComparisonFlags::IGNORE_SYMBOLS) {
        folded.retain(|character| character.is_alphanumeric() || is_combining_mark(character));
    }
    if flags.has(ComparisonFlags::IGNORE_NONSPACE) {
        let letters = folded
            .nfd()
            .filter(|character| !is_combining_mark(*character));
        folded = letters.nfc().collect();
    }
    if flags.has(ComparisonFlags::IGNORE_CASE) {
        folded = folded.chars().flat_map(char::to_lowercase).collect();
    }
    Cow::Owned(folded)
}

/// Appends the sort key of a text: letters, then accents, then case, then the text itself,
/// each level ended by a zero byte.
pub fn append_sort_key(text: &str, flags: ComparisonFlags, key: &mut Vec<u8>) {
    let text = fold_text(text, flags);
    if text.is_ascii() {
        text.chars()
            .for_each(|character| append_weight(character, key));
        key.extend([0, 0]);
        append_case(text.chars(), key);
        // The letters and their case say it all.
        key.push(0);
        return;
    }
    let letters: Vec<char> = text
        .nfkd()
        .filter(|character| !is_combining_mark(*character))
        .collect();
    letters
        .iter()
        .for_each(|character| append_weight(*character, key));
    key.push(0);
    let marks = text.nfd().filter(|character| is_combining_mark(*character));
    marks.for_each(|mark| append_char(mark, key));
    key.push(0);
    append_case(letters.into_iter(), key);
    key.push(0);
    key.extend_from_slice(text.as_bytes());
}

/// Full-width and half-width forms in their usual width; kana with its sound mark becomes one
/// character when it is composed.
fn narrow(character: char) -> impl Iterator<Item = char> {
    let is_form = matches!(character, '\u{ff01}'..='\u{ffee}' | '\u{3000}');
    let usual: Vec<char> = if is_form {
        std::iter::once(character).nfkd().collect()
    } else {
        vec![character]
    };
    usual.into_iter()
}

fn to_hiragana(character: char) -> char {
    match character {
        '\u{30a1}'..='\u{30f6}' | '\u{30fd}' | '\u{30fe}' => {
            char::from_u32(u32::from(character) - 0x60).unwrap_or(character)
        }
        other => other,
    }
}

/// One byte for an ASCII character, four for any other; the bytes never start with zero.
fn append_weight(character: char, key: &mut Vec<u8>) {
    let (class, folded) = weight(character);
    // Each class has 50 numbers, more than it has ASCII characters; the last stands for the rest.
    let first = 2 + class * 50;
    match ascii_rank(class, folded) {
        Some(rank) => key.push(first + rank),
        None => {
            key.push(first + 49);
            append_char(folded, key);
        }
    }
}

/// The position of an ASCII character among those of its class.
fn ascii_rank(class: u8, folded: char) -> Option<u8> {
    let code = u8::try_from(u32::from(folded)).ok().filter(u8::is_ascii)?;
    Some(match class {
        0 => match code {
            0x7f => 33,
            blank => blank,
        },
        1 => match code {
            b'!'..=b'/' => code - b'!',
            b':'..=b'@' => code - b':' + 15,
            b'['..=b'`' => code - b'[' + 22,
            _ => code - b'{' + 28,
        },
        3 => code - b'0',
        _ => code - b'a',
    })
}

/// Three bytes, the first of which is never zero.
fn append_char(character: char, key: &mut Vec<u8>) {
    let [_, high, middle, low] = u32::from(character).to_be_bytes();
    key.extend([high + 1, middle, low]);
}

/// One byte per letter up to the last capital.
fn append_case(letters: impl Iterator<Item = char>, key: &mut Vec<u8>) {
    let start = key.len();
    let mut end = start;
    for letter in letters {
        let is_capital = letter.is_uppercase();
        key.push(1 + u8::from(is_capital));
        if is_capital {
            end = key.len();
        }
    }
    key.truncate(end);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::compare_text;
    use super::*;

    fn key(text: &str, flags: u32) -> Vec<u8> {
        let mut key = Vec::new();
        append_sort_key(text, ComparisonFlags::new(flags).unwrap(), &mut key);
        key
    }

    /// Letters that differ by accent, width, case, kana or composition, and other characters.
    const MIXED: &str = "[abBáÁåéＡ①ﬁ\u{301}あアｱがガ\u{1F600}ß \u{0}-]{0,4}";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_order_of_the_keys_is_the_order_of_the_texts(
            (left, right) in prop_oneof![
                ("[aAａá]{0,3}", "[aAａá]{0,3}"),
                ("[ -~]{0,2}", "[ -~]{0,2}"),
                (MIXED, MIXED),
                ("\\PC{0,3}", "\\PC{0,3}"),
            ],
        ) {
            prop_assert_eq!(key(&left, 0).cmp(&key(&right, 0)), compare_text(&left, &right, 1033));
        }

        #[test]
        fn equal_keys_are_equal_folded_texts(
            left in "[aAáÁÀＡａあアｱ! -]{0,2}",
            right in "[aAáÁÀＡａあアｱ! -]{0,2}",
            flags in proptest::sample::subsequence(vec![1u32, 2, 4, 0x1000, 0x1_0000, 0x2_0000], 0..=6),
        ) {
            let flags: u32 = flags.iter().sum();
            let folded = ComparisonFlags::new(flags).unwrap();
            prop_assert_eq!(
                key(&left, flags) == key(&right, flags),
                fold_text(&left, folded) == fold_text(&right, folded)
            );
        }
    }

    #[test]
    fn each_flag_ignores_its_own_difference_only() {
        let cases: [(u32, [&str; 2]); 5] = [
            (0x1, ["Straße", "sTRAßE"]),
            (0x2, ["résumé", "resume"]),
            (0x4, ["co-op 1", "coop1"]),
            (0x1_0000, ["アメ", "あめ"]),
            (0x2_0000, ["ＡＢＣ ｶﾞ", "ABC ガ"]),
        ];
        for (flag, [left, right]) in cases {
            for (other, _) in cases {
                assert_eq!(
                    key(left, other) == key(right, other),
                    other == flag,
                    "{left} {right} with {other:#x}"
                );
            }
        }
    }

    #[test]
    fn flags_that_mean_nothing_are_refused() {
        assert_eq!(
            ComparisonFlags::new(0x3_1007).map(ComparisonFlags::bits),
            Ok(0x3_1007)
        );
        assert_eq!(ComparisonFlags::new(0x9), Err(0x8));
    }
}
