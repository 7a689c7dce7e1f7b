//! Which conversions exist at all.

use crate::value::DataType;

/// One row per source type, one column per target type, both in the order of [`index`]:
/// `#` legal, `.` illegal, `=` the same type.
const TABLE: [&[u8; 29]; 29] = [
    b"=##############..####.#......",
    b"#=#############..####.#......",
    b"##=############.#####.#......",
    b"###=###########..####.#......",
    b"####=##########..####.#......",
    b"#####=.########..##..........",
    b"#####.=##.#####..########....",
    b"#######=#######..##..........",
    b"########=######..##..........",
    b"######.##=#####..####.#......",
    b"##########=####..####.#......",
    b"###########=###..####.#......",
    b"############=##.#####.#......",
    b"######.######=#.###......#...",
    b"######.#######=.###......#...",
    b"...............=###..........",
    b"...#........####=##.......###",
    b"#################=###########",
    b"##################=##########",
    b"......#..........##=######...",
    b"......#..........###=#####...",
    b"......#..........####=####...",
    b"......#..........#####=###...",
    b"......#..........######=##...",
    b"......#..........#######=#...",
    b"......#......##..########=...",
    b"................#.........=##",
    b".................#........#=#",
    b"..................#.......##=",
];

/// Is there a conversion between the two types, whatever their lengths and scales?
#[must_use]
pub fn is_legal(from: DataType, to: DataType) -> bool {
    TABLE[index(from)][index(to)] != b'.'
}

fn index(data_type: DataType) -> usize {
    match data_type {
        DataType::I1 => 0,
        DataType::I2 => 1,
        DataType::I4 => 2,
        DataType::R4 => 3,
        DataType::R8 => 4,
        DataType::Cy => 5,
        DataType::Date => 6,
        DataType::Bool => 7,
        DataType::Numeric { .. } => 8,
        DataType::Decimal { .. } => 9,
        DataType::Ui1 => 10,
        DataType::Ui2 => 11,
        DataType::Ui4 => 12,
        DataType::I8 => 13,
        DataType::Ui8 => 14,
        DataType::Guid => 15,
        DataType::Bytes { .. } => 16,
        DataType::Str { .. } => 17,
        DataType::Wstr { .. } => 18,
        DataType::DbDate => 19,
        DataType::DbTime => 20,
        DataType::DbTime2 { .. } => 21,
        DataType::DbTimestamp => 22,
        DataType::DbTimestamp2 { .. } => 23,
        DataType::DbTimestampOffset { .. } => 24,
        DataType::FileTime => 25,
        DataType::Image => 26,
        DataType::Text { .. } => 27,
        DataType::Ntext => 28,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_type_is_on_the_diagonal() {
        for (row, line) in TABLE.iter().enumerate() {
            for (column, cell) in line.iter().enumerate() {
                assert_eq!(row == column, *cell == b'=', "row {row}, column {column}");
            }
        }
    }

    #[test]
    fn documented_pairs() {
        assert!(is_legal(DataType::I4, DataType::Bool));
        assert!(is_legal(DataType::FileTime, DataType::I8));
        assert!(!is_legal(DataType::DbDate, DataType::I4));
        assert!(!is_legal(DataType::Image, DataType::Wstr { length: 5 }));
        assert!(!is_legal(DataType::I8, DataType::Date));
    }
}
