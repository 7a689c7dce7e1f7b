//! SQL Server's types as types of the data flow, and back for parameters.

use tiberius::ColumnType;

use crate::connections::declared_type::declared_type;
use crate::value::DataType;

/// Code page of text columns: the driver has decoded them already.
const CODE_PAGE: u32 = 1252;

/// The type that the server describes in words, such as `nvarchar(255)`.
pub(super) fn described_type(text: &str) -> Option<DataType> {
    let lower = text.trim().to_ascii_lowercase();
    let name = lower.split('(').next().unwrap_or("").trim();
    Some(match name {
        "real" => DataType::R4,
        "text" => DataType::Text {
            code_page: CODE_PAGE,
        },
        "timestamp" | "rowversion" => DataType::Bytes { length: 8 },
        "datetime" | "smalldatetime" => DataType::DbTimestamp,
        "sql_variant" | "geography" | "geometry" | "hierarchyid" => return None,
        _ => return declared_type(&lower),
    })
}

/// The words for a column of `sys.columns`.
pub(super) fn catalog_type(name: &str, length: i16, precision: u8, scale: u8) -> String {
    match name {
        "nvarchar" | "varchar" | "varbinary" if length < 0 => format!("{name}(max)"),
        "nvarchar" | "nchar" => format!("{name}({})", length / 2),
        "varchar" | "char" | "varbinary" | "binary" => format!("{name}({length})"),
        "decimal" | "numeric" => format!("{name}({precision},{scale})"),
        "datetime2" | "datetimeoffset" | "time" => format!("{name}({scale})"),
        _ => name.to_owned(),
    }
}

/// The type of a result column when the server does not describe the query.
pub(super) fn wire_type(column: ColumnType) -> Option<DataType> {
    Some(match column {
        ColumnType::Bit | ColumnType::Bitn => DataType::Bool,
        ColumnType::Int1 => DataType::Ui1,
        ColumnType::Int2 => DataType::I2,
        ColumnType::Int4 => DataType::I4,
        // Without its width the widest is right for every value.
        ColumnType::Int8 | ColumnType::Intn => DataType::I8,
        ColumnType::Float4 => DataType::R4,
        ColumnType::Float8 | ColumnType::Floatn => DataType::R8,
        ColumnType::Money | ColumnType::Money4 => DataType::Cy,
        ColumnType::Decimaln | ColumnType::Numericn => DataType::Numeric {
            precision: 38,
            scale: 10,
        },
        ColumnType::Guid => DataType::Guid,
        ColumnType::Datetime | ColumnType::Datetime4 | ColumnType::Datetimen => {
            DataType::DbTimestamp
        }
        ColumnType::Daten => DataType::DbDate,
        ColumnType::Timen => DataType::DbTime2 { scale: 7 },
        ColumnType::Datetime2 => DataType::DbTimestamp2 { scale: 7 },
        ColumnType::DatetimeOffsetn => DataType::DbTimestampOffset { scale: 7 },
        ColumnType::BigVarBin | ColumnType::BigBinary | ColumnType::Image => DataType::Image,
        ColumnType::BigVarChar | ColumnType::BigChar | ColumnType::Text => DataType::Text {
            code_page: CODE_PAGE,
        },
        ColumnType::NVarchar | ColumnType::NChar | ColumnType::NText | ColumnType::Xml => {
            DataType::Ntext
        }
        ColumnType::Null | ColumnType::Udt | ColumnType::SSVariant => return None,
    })
}

/// How a parameter is declared.
pub(crate) fn parameter_type(data_type: DataType) -> String {
    let sized = |name: &str, length: u32, most: u32| match length {
        1.. if length <= most => format!("{name}({length})"),
        _ => format!("{name}(max)"),
    };
    match data_type {
        DataType::Bool => "bit".to_owned(),
        DataType::Ui1 => "tinyint".to_owned(),
        DataType::I1 | DataType::I2 => "smallint".to_owned(),
        DataType::I4 | DataType::Ui2 => "int".to_owned(),
        DataType::I8 | DataType::Ui4 => "bigint".to_owned(),
        DataType::Ui8 => "decimal(20,0)".to_owned(),
        DataType::R4 => "real".to_owned(),
        DataType::R8 => "float".to_owned(),
        DataType::Cy => "decimal(19,4)".to_owned(),
        DataType::Decimal { scale } => format!("decimal(29,{scale})"),
        DataType::Numeric { precision, scale } => format!("decimal({precision},{scale})"),
        DataType::Str { length, .. } | DataType::Wstr { length } => sized("nvarchar", length, 4000),
        DataType::Text { .. } | DataType::Ntext => "nvarchar(max)".to_owned(),
        DataType::Bytes { length } => sized("varbinary", length, 8000),
        DataType::Image => "varbinary(max)".to_owned(),
        DataType::Guid => "uniqueidentifier".to_owned(),
        DataType::DbDate => "date".to_owned(),
        DataType::DbTime | DataType::DbTime2 { .. } => "time(7)".to_owned(),
        DataType::Date
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. }
        | DataType::FileTime => "datetime2(7)".to_owned(),
        DataType::DbTimestampOffset { .. } => "datetimeoffset(7)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn described_types() {
        for (text, data_type) in [
            ("nvarchar(255)", DataType::Wstr { length: 255 }),
            ("nvarchar(max)", DataType::Ntext),
            ("real", DataType::R4),
            ("float", DataType::R8),
            ("int", DataType::I4),
            (
                "decimal(18,2)",
                DataType::Numeric {
                    precision: 18,
                    scale: 2,
                },
            ),
            ("timestamp", DataType::Bytes { length: 8 }),
            ("datetime2(7)", DataType::DbTimestamp2 { scale: 7 }),
            ("money", DataType::Cy),
        ] {
            assert_eq!(described_type(text), Some(data_type), "{text}");
        }
        assert_eq!(described_type("geography"), None);
    }

    #[test]
    fn catalog_columns_in_words() {
        assert_eq!(catalog_type("nvarchar", 510, 0, 0), "nvarchar(255)");
        assert_eq!(catalog_type("varchar", -1, 0, 0), "varchar(max)");
        assert_eq!(catalog_type("numeric", 9, 18, 2), "numeric(18,2)");
        assert_eq!(catalog_type("datetime2", 8, 27, 3), "datetime2(3)");
        assert_eq!(catalog_type("int", 4, 10, 0), "int");
    }

    #[test]
    fn parameters_are_declared_wide_enough() {
        for (data_type, text) in [
            (DataType::Wstr { length: 10 }, "nvarchar(10)"),
            (DataType::Wstr { length: 0 }, "nvarchar(max)"),
            (DataType::Wstr { length: 4001 }, "nvarchar(max)"),
            (DataType::Ui4, "bigint"),
        ] {
            assert_eq!(parameter_type(data_type), text);
        }
    }
}
