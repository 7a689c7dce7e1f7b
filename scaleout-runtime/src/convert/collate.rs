//! The order of text: case, accent and width make strings different, and decide only after
//! the letters themselves.
//!
//! Two strings are equal only when they are the same characters. The order is the same
//! in all locales: tailorings such as Swedish å after z are not there.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Compares as expressions do.
#[must_use]
pub fn compare_text(left: &str, right: &str, _locale_id: u32) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        return compare_chars(left.chars(), right.chars()).then_with(|| left.cmp(right));
    }
    let letters = |text: &str| {
        text.nfkd()
            .filter(|character| !is_combining_mark(*character))
            .collect::<Vec<_>>()
    };
    let marks = |text: &str| {
        text.nfd()
            .filter(|character| is_combining_mark(*character))
            .collect::<Vec<_>>()
    };
    compare_primary(letters(left).into_iter(), letters(right).into_iter())
        .then_with(|| marks(left).cmp(&marks(right)))
        .then_with(|| compare_case(letters(left).into_iter(), letters(right).into_iter()))
        .then_with(|| left.cmp(right))
}

fn compare_chars(
    left: impl Iterator<Item = char> + Clone,
    right: impl Iterator<Item = char> + Clone,
) -> Ordering {
    compare_primary(left.clone(), right.clone()).then_with(|| compare_case(left, right))
}

fn compare_primary(
    left: impl Iterator<Item = char>,
    right: impl Iterator<Item = char>,
) -> Ordering {
    left.map(weight).cmp(right.map(weight))
}

/// Small letters before capitals, at the first difference.
fn compare_case(left: impl Iterator<Item = char>, right: impl Iterator<Item = char>) -> Ordering {
    left.map(char::is_uppercase)
        .cmp(right.map(char::is_uppercase))
}

/// Blanks, then signs, then digits, then letters whatever their case.
pub(super) fn weight(character: char) -> (u8, char) {
    if character.is_ascii_lowercase() {
        return (4, character);
    }
    let class = if character.is_whitespace() || character.is_control() {
        0
    } else if character.is_alphabetic() {
        4
    } else if character.is_numeric() {
        3
    } else {
        1
    };
    let folded = character.to_lowercase().next().unwrap_or(character);
    (class, folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_a_dictionary() {
        let sorted = [
            "", " ", "-", "10", "9", "a", "A", "a ", "á", "ab", "Ab", "b", "ß", "あ",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by(|left, right| compare_text(left, right, 1033));
        // `a ` follows `á`: an accent is looked at only when all the letters are the same.
        let letters_first = [
            "", " ", "-", "10", "9", "a", "A", "á", "a ", "ab", "Ab", "b", "ß", "あ",
        ];
        assert_eq!(shuffled, letters_first);
    }

    #[test]
    fn only_the_same_characters_are_equal() {
        for (left, right) in [
            ("abc", "ABC"),
            ("a", "á"),
            ("a", "Ａ"),
            ("あ", "ア"),
            ("e\u{301}", "é"),
        ] {
            assert_ne!(compare_text(left, right, 1033), Ordering::Equal);
            assert_eq!(
                compare_text(left, right, 1033),
                compare_text(right, left, 1033).reverse()
            );
        }
        assert_eq!(compare_text("été", "été", 1036), Ordering::Equal);
    }
}
