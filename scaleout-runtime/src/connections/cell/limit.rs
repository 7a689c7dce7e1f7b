//! How long text may be in a column, and where it is cut.

use super::CellProblem;
use crate::value::DataType;

/// How long text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    None,
    /// UTF-16 units.
    Units(usize),
    /// Characters of a one-byte code page.
    Characters(usize),
    /// Bytes of UTF-8.
    Utf8(usize),
}

pub(super) fn limit(data_type: DataType) -> Limit {
    let known = |length: u32, limit: fn(usize) -> Limit| match usize::try_from(length) {
        Ok(0) | Err(_) => Limit::None,
        Ok(length) => limit(length),
    };
    match data_type {
        DataType::Wstr { length } => known(length, Limit::Units),
        DataType::Str {
            length,
            code_page: 65001,
        } => known(length, Limit::Utf8),
        DataType::Str { length, .. } => known(length, Limit::Characters),
        _ => Limit::None,
    }
}

impl Limit {
    pub(super) fn check(self, text: &str) -> Result<&str, CellProblem> {
        let fits = match self {
            Self::None => true,
            // Bytes bound units and characters from above, so most text is not counted.
            Self::Units(length) => text.len() <= length || text.encode_utf16().count() <= length,
            Self::Characters(length) => text.len() <= length || text.chars().count() <= length,
            Self::Utf8(length) => text.len() <= length,
        };
        if fits {
            Ok(text)
        } else {
            Err(CellProblem::Truncation)
        }
    }
}

impl Limit {
    /// The longest start of the text that fits.
    pub(super) fn cut(self, text: &str) -> &str {
        let mut used = 0;
        let end = text.char_indices().find(|(at, character)| {
            let (length, most) = match self {
                Self::None => return false,
                Self::Units(most) => (character.len_utf16(), most),
                Self::Characters(most) => (1, most),
                Self::Utf8(most) => (at + character.len_utf8() - used, most),
            };
            used += length;
            most < used
        });
        end.map_or(text, |(at, _)| &text[..at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        for (limit, cut) in [
            (Limit::None, "aä𝄞b"),
            (Limit::Units(3), "aä"),
            (Limit::Units(4), "aä𝄞"),
            (Limit::Characters(3), "aä𝄞"),
            (Limit::Utf8(2), "a"),
            (Limit::Utf8(3), "aä"),
        ] {
            assert_eq!(limit.cut("aä𝄞b"), cut, "{limit:?}");
        }
    }
}
