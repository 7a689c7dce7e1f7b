//! What the provider takes a column for, from its first rows.

use calamine::Data;

use crate::value::DataType;

/// Rows that are looked at, as many as `TypeGuessRows` is set to after an installation.
pub(super) const SAMPLE: usize = 8;
/// Text that is longer makes a column one of long texts.
const LONGEST_TEXT: usize = 255;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `DT_R8`
    Number,
    /// `DT_BOOL`
    Truth,
    /// `DT_DATE`
    Date,
    /// `DT_WSTR`, 255 characters
    Text,
    /// `DT_NTEXT`
    LongText,
}

impl Kind {
    /// What most cells are; of as many, numbers come first. With `mixed_as_text`, cells of several
    /// kinds are text. `None` where all are empty.
    pub(super) fn guess<'c>(
        cells: impl Iterator<Item = &'c Data>,
        mixed_as_text: bool,
    ) -> Option<Self> {
        let (mut numbers, mut truths, mut dates, mut texts) = (0, 0, 0, 0);
        let mut is_long = false;
        for cell in cells {
            match cell {
                Data::Int(_) | Data::Float(_) => numbers += 1,
                Data::Bool(_) => truths += 1,
                Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) => dates += 1,
                Data::String(text) => {
                    texts += 1;
                    is_long |= LONGEST_TEXT < text.encode_utf16().count();
                }
                _ => {}
            }
        }
        let text = if is_long { Self::LongText } else { Self::Text };
        let counts = [
            (numbers, Self::Number),
            (dates, Self::Date),
            (texts, text),
            (truths, Self::Truth),
        ];
        if mixed_as_text && 1 < counts.iter().filter(|(count, _)| 0 < *count).count() {
            return Some(text);
        }
        let mut best = None;
        for (count, kind) in counts {
            if best.map_or(0, |(most, _)| most) < count {
                best = Some((count, kind));
            }
        }
        best.map(|(_, kind)| kind)
    }

    /// What a column without cells is taken for: what the package expects.
    pub(super) fn of_type(data_type: DataType) -> Self {
        match data_type {
            DataType::Bool => Self::Truth,
            DataType::Date
            | DataType::DbDate
            | DataType::DbTimestamp
            | DataType::DbTimestamp2 { .. } => Self::Date,
            DataType::Ntext | DataType::Text { .. } => Self::LongText,
            DataType::Wstr { .. } | DataType::Str { .. } => Self::Text,
            _ => Self::Number,
        }
    }

    /// The type of the column.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Number => DataType::R8,
            Self::Truth => DataType::Bool,
            Self::Date => DataType::Date,
            // What is longer than the provider's 255 is judged where it goes.
            Self::Text | Self::LongText => DataType::Ntext,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(length: usize) -> Data {
        Data::String("x".repeat(length))
    }

    #[test]
    fn the_majority_decides_and_numbers_win_a_tie() {
        let number = || Data::Float(1.0);
        for (cells, mixed, expected) in [
            (vec![], false, None),
            (
                vec![Data::Empty, number(), text(1)],
                false,
                Some(Kind::Number),
            ),
            (vec![number(), text(1), text(2)], false, Some(Kind::Text)),
            (vec![number(), text(1)], true, Some(Kind::Text)),
            (vec![number(), Data::Empty], true, Some(Kind::Number)),
            (vec![text(256), text(1)], false, Some(Kind::LongText)),
            (vec![Data::Bool(true)], false, Some(Kind::Truth)),
        ] {
            assert_eq!(Kind::guess(cells.iter(), mixed), expected, "{cells:?}");
        }
    }
}
