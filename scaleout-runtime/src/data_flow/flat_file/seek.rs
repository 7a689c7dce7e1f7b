//! Looking for delimiters in a window whose end is not the end of the data.

use memchr::{memchr, memchr2, memmem};

/// Whether something is at a place of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Yes,
    No,
    /// The window ends in the middle of what could be it.
    Maybe,
}

/// Whether `wanted` is at `at`. Nothing is never found.
pub(super) fn found(data: &[u8], at: usize, wanted: &[u8], at_end: bool) -> Found {
    // Delimiters have one or two bytes; comparing texts of any length is what takes the time.
    let here = match wanted {
        [] => return Found::No,
        [byte] => data.get(at).map(|found| found == byte),
        [first, second] => match (data.get(at), data.get(at + 1)) {
            (Some(found), _) if found != first => Some(false),
            (Some(_), Some(found)) => Some(found == second),
            _ => None,
        },
        _ => None,
    };
    match here {
        Some(true) => return Found::Yes,
        Some(false) => return Found::No,
        None => {}
    }
    let rest = &data[at.min(data.len())..];
    if rest.starts_with(wanted) {
        Found::Yes
    } else if !at_end && rest.len() < wanted.len() && wanted.starts_with(rest) {
        Found::Maybe
    } else {
        Found::No
    }
}

/// [`memmem::find`] without its preparation where a single byte is wanted.
pub(super) fn memmem_short(data: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted {
        [byte] => first_of(data, *byte, None),
        _ => memmem::find(data, wanted),
    }
}

/// Where one byte or the other is first. Most fields are short: their end is found, eight bytes at a
/// time, before a search with vector instructions has begun.
pub(super) fn first_of(data: &[u8], one: u8, other: Option<u8>) -> Option<usize> {
    let (ones, others) = (spread(one), spread(other.unwrap_or(one)));
    let (words, _) = data.as_chunks::<8>();
    for (at, word) in words.iter().take(NEAR / 8).enumerate() {
        let word = u64::from_le_bytes(*word);
        let hits = zeros(word ^ ones) | zeros(word ^ others);
        if hits != 0 {
            return Some(at * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    let near = (words.len() * 8).min(NEAR);
    let far = &data[near..];
    let found = match other {
        Some(other) => memchr2(one, other, far),
        None => memchr(one, far),
    };
    found.map(|at| near + at)
}

/// Bytes that are looked at before the search proper.
const NEAR: usize = 24;

/// A byte eight times.
const fn spread(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The highest bit of the first byte that is zero, and perhaps of some behind it.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(spread(1)) & !word & spread(0x80)
}

/// Bytes of the first `units` UTF-16 units of UTF-8 text; more than there are when it is shorter.
pub(super) fn bytes_of_units(text: &[u8], units: usize) -> usize {
    let (mut at, mut left) = (0, units);
    while 0 < left {
        let Some(&first) = text.get(at) else {
            return usize::MAX;
        };
        let (bytes, taken) = match first {
            0..0xC0 => (1, 1),
            0xC0..0xE0 => (2, 1),
            0xE0..0xF0 => (3, 1),
            0xF0..0xF8 => (4, 2),
            // What stands for bytes that are no text.
            0xF8.. => (1, 1),
        };
        at += bytes;
        left = left.saturating_sub(taken);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule itself, for texts of any length.
    fn slowly(data: &[u8], at: usize, wanted: &[u8], at_end: bool) -> Found {
        let rest = &data[at.min(data.len())..];
        if wanted.is_empty() {
            Found::No
        } else if rest.starts_with(wanted) {
            Found::Yes
        } else if !at_end && rest.len() < wanted.len() && wanted.starts_with(rest) {
            Found::Maybe
        } else {
            Found::No
        }
    }

    #[test]
    fn the_first_of_two_bytes_is_found_near_and_far() {
        for length in 0..70 {
            for place in 0..=length {
                // What is one less or more than what is wanted is nothing.
                let mut data: Vec<u8> = (0..length).map(|at| b"-+\x0c\x0e\xac"[at % 5]).collect();
                data.extend_from_slice(b",\r");
                data[place] = b'\r';
                assert_eq!(first_of(&data, b',', Some(b'\r')), Some(place));
                let comma = if place == length { None } else { Some(length) };
                assert_eq!(first_of(&data, b',', None), comma, "{place} of {length}");
                assert_eq!(first_of(&data, b';', None), None);
            }
        }
    }

    #[test]
    fn short_delimiters_are_found_as_long_ones_are() {
        let texts: [&[u8]; 7] = [b"", b"a", b"b", b"ab", b"ba", b"aa", b"aab"];
        for data in texts {
            for wanted in texts {
                for at in 0..4 {
                    for at_end in [false, true] {
                        assert_eq!(
                            found(data, at, wanted, at_end),
                            slowly(data, at, wanted, at_end),
                            "{wanted:?} in {data:?} at {at}, at the end: {at_end}"
                        );
                    }
                }
            }
        }
    }
}
