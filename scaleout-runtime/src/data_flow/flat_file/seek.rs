//! Looking for delimiters in a window whose end is not the end of the data.

use memchr::{memchr, memmem};

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
        [byte] => memchr(*byte, data),
        _ => memmem::find(data, wanted),
    }
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
