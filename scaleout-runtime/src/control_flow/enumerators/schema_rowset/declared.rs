//! Declared types as the columns of OLE DB say them.

use crate::connections::declared_type::declared_type;
use crate::value::DataType;

/// What is said of a type that is unknown: text, as drivers do.
const TEXT: u16 = 130;

/// `DBCOLUMNFLAGS_ISLONG` and `DBCOLUMNFLAGS_MAYDEFER`
const LONG: u16 = 0x82;
/// `DBCOLUMNFLAGS_ISFIXEDLENGTH`
const FIXED: u16 = 0x10;
/// `DBCOLUMNFLAGS_WRITEUNKNOWN`
const MAY_WRITE: u16 = 0x08;
/// `DBCOLUMNFLAGS_ISNULLABLE` and `DBCOLUMNFLAGS_MAYBENULL`
const NULLABLE: u16 = 0x60;

/// The columns that follow from a declared type, by name; `nullable` is what the database says.
pub(super) fn said_of(declaration: &str, nullable: bool) -> Vec<(&'static str, String)> {
    let found = declared_type(declaration);
    let length = found.and_then(text_length);
    let is_long = length == Some(0);
    let mut flags = MAY_WRITE;
    flags |= if nullable { NULLABLE } else { 0 };
    flags |= match (is_long, length) {
        (true, _) => LONG,
        (false, None) => FIXED,
        (false, Some(_)) => 0,
    };
    let mut said = vec![
        ("DATA_TYPE", found.map_or(TEXT, db_type).to_string()),
        ("COLUMN_FLAGS", flags.to_string()),
        ("IS_LONG", shown(is_long)),
        ("IS_FIXEDLENGTH", shown(length.is_none())),
        ("SEARCHABLE", "4".to_owned()),
        ("BEST_MATCH", "False".to_owned()),
        ("AUTO_UNIQUE_VALUE", "False".to_owned()),
        ("CASE_SENSITIVE", shown(found.is_some_and(is_text))),
        ("FIXED_PREC_SCALE", shown(found == Some(DataType::Cy))),
    ];
    if let Some(length) = length {
        let width = if found.is_some_and(is_wide) { 2 } else { 1 };
        said.push(("CHARACTER_MAXIMUM_LENGTH", length.to_string()));
        said.push(("CHARACTER_OCTET_LENGTH", (length * width).to_string()));
        said.push(("COLUMN_SIZE", length.to_string()));
    }
    if let Some((precision, scale)) = found.and_then(digits) {
        said.push(("NUMERIC_PRECISION", precision.to_string()));
        said.push(("COLUMN_SIZE", precision.to_string()));
        said.push(("UNSIGNED_ATTRIBUTE", shown(found == Some(DataType::Ui1))));
        if let Some(scale) = scale {
            said.push(("NUMERIC_SCALE", scale.to_string()));
        }
    }
    if let Some(fraction) = found.and_then(fraction) {
        said.push(("DATETIME_PRECISION", fraction.to_string()));
    }
    said
}

fn shown(is: bool) -> String {
    if is { "True" } else { "False" }.to_owned()
}

/// `DBTYPE`
fn db_type(data_type: DataType) -> u16 {
    match data_type {
        DataType::I2 => 2,
        DataType::I4 => 3,
        DataType::R4 => 4,
        DataType::R8 => 5,
        DataType::Cy => 6,
        DataType::Date => 7,
        DataType::Bool => 11,
        DataType::I1 => 16,
        DataType::Ui1 => 17,
        DataType::Ui2 => 18,
        DataType::Ui4 => 19,
        DataType::I8 => 20,
        DataType::Ui8 => 21,
        DataType::FileTime => 64,
        DataType::Guid => 72,
        DataType::Bytes { .. } | DataType::Image => 128,
        DataType::Str { .. } | DataType::Text { .. } => 129,
        DataType::Decimal { .. } | DataType::Numeric { .. } => 131,
        DataType::DbDate => 133,
        DataType::DbTime => 134,
        DataType::DbTimestamp | DataType::DbTimestamp2 { .. } => 135,
        DataType::DbTime2 { .. } => 145,
        DataType::DbTimestampOffset { .. } => 146,
        _ => TEXT,
    }
}

/// The most characters or bytes, 0 without a limit; `None` for what is neither.
fn text_length(data_type: DataType) -> Option<u32> {
    match data_type {
        DataType::Str { length, .. } | DataType::Wstr { length } | DataType::Bytes { length } => {
            Some(length)
        }
        DataType::Text { .. } | DataType::Ntext | DataType::Image => Some(0),
        _ => None,
    }
}

fn is_wide(data_type: DataType) -> bool {
    matches!(data_type, DataType::Wstr { .. } | DataType::Ntext)
}

fn is_text(data_type: DataType) -> bool {
    is_wide(data_type) || matches!(data_type, DataType::Str { .. } | DataType::Text { .. })
}

/// The most digits, and those behind the point where they are fixed.
fn digits(data_type: DataType) -> Option<(u8, Option<u8>)> {
    Some(match data_type {
        DataType::Ui1 => (3, None),
        DataType::I2 => (5, None),
        DataType::I4 => (10, None),
        DataType::I8 => (19, None),
        DataType::R4 => (7, None),
        DataType::R8 => (15, None),
        DataType::Cy => (19, None),
        DataType::Numeric { precision, scale } => (precision, Some(scale)),
        _ => return None,
    })
}

/// Digits of a fraction of a second.
fn fraction(data_type: DataType) -> Option<u8> {
    match data_type {
        DataType::DbTimestamp => Some(3),
        DataType::DbTime2 { scale }
        | DataType::DbTimestamp2 { scale }
        | DataType::DbTimestampOffset { scale } => Some(scale),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_say_of_a_type_what_ole_db_says() {
        let said = |declaration: &str, nullable| {
            let said = said_of(declaration, nullable);
            let of = |wanted: &str| {
                let found = said.iter().find(|(name, _)| *name == wanted);
                found.map_or("-", |(_, text)| text.as_str()).to_owned()
            };
            let names = [
                "DATA_TYPE",
                "COLUMN_FLAGS",
                "CHARACTER_MAXIMUM_LENGTH",
                "CHARACTER_OCTET_LENGTH",
                "NUMERIC_PRECISION",
                "NUMERIC_SCALE",
                "DATETIME_PRECISION",
            ];
            names.map(of).join(" ")
        };
        // The flags are those that SQL Server's provider gives for these columns.
        assert_eq!(said("int", false), "3 24 - - 10 - -");
        assert_eq!(said("int", true), "3 120 - - 10 - -");
        assert_eq!(said("nvarchar(50)", true), "130 104 50 100 - - -");
        assert_eq!(said("varchar(50)", false), "129 8 50 50 - - -");
        assert_eq!(said("nvarchar(max)", true), "130 234 0 0 - - -");
        assert_eq!(said("decimal(18,2)", true), "131 120 - - 18 2 -");
        assert_eq!(said("datetime", true), "135 120 - - - - 3");
        assert_eq!(said("varbinary(8)", true), "128 104 8 8 - - -");
        assert_eq!(said("something else", true), "130 120 - - - - -");
    }
}
