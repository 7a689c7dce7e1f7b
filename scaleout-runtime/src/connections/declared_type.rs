//! Types as table definitions write them (`nvarchar(255)`, `decimal(18,2)`, `double precision`)
//! to types of the data flow.

use crate::value::DataType;

/// What `CREATE TABLE` is usually told, with the arguments in parentheses.
struct Declared {
    name: String,
    arguments: Vec<u32>,
    is_max: bool,
}

/// The type that a declaration means; `None` when it is empty or names nothing known.
#[must_use]
pub fn declared_type(declaration: &str) -> Option<DataType> {
    let declared = parse(declaration);
    number_type(&declared)
        .or_else(|| text_type(&declared))
        .or_else(|| other_type(&declared))
}

fn parse(declaration: &str) -> Declared {
    let lower = declaration.trim().to_ascii_lowercase();
    let (name, rest) = lower.split_once('(').unwrap_or((&lower, ""));
    let inside = rest.split(')').next().unwrap_or("");
    let words: Vec<&str> = name
        .split_whitespace()
        .map(|word| word.trim_matches(['[', ']', '"']))
        .collect();
    Declared {
        name: words.join(" "),
        arguments: inside
            .split(',')
            .filter_map(|argument| argument.trim().parse().ok())
            .collect(),
        is_max: inside.trim() == "max",
    }
}

impl Declared {
    fn scale(&self, at: usize, default: u8) -> u8 {
        let given = self.arguments.get(at);
        given.map_or(default, |scale| u8::try_from(*scale).unwrap_or(default))
    }
}

fn number_type(declared: &Declared) -> Option<DataType> {
    Some(match declared.name.as_str() {
        "bit" | "bool" | "boolean" => DataType::Bool,
        "tinyint" => DataType::Ui1,
        "smallint" | "int2" => DataType::I2,
        "int" | "int4" | "mediumint" | "serial" => DataType::I4,
        // SQLite's own word for its 64-bit integers, row ids among them.
        "integer" | "bigint" | "int8" | "bigserial" => DataType::I8,
        "float4" => DataType::R4,
        // T-SQL's `real` has 4 bytes; SQLite, where this is read from, stores 8.
        "real" | "float" | "float8" | "double" | "double precision" => DataType::R8,
        "decimal" | "numeric" | "dec" | "number" if declared.arguments.is_empty() => {
            DataType::Numeric {
                precision: 38,
                scale: 10,
            }
        }
        "decimal" | "numeric" | "dec" | "number" => DataType::Numeric {
            precision: declared.scale(0, 38).clamp(1, 38),
            scale: declared.scale(1, 0).min(38),
        },
        "money" | "smallmoney" => DataType::Cy,
        _ => return None,
    })
}

fn text_type(declared: &Declared) -> Option<DataType> {
    let length = declared.arguments.first().copied().unwrap_or(0);
    let long = declared.is_max || length == 0;
    Some(match declared.name.as_str() {
        "char" | "varchar" | "character" | "character varying" if long => {
            DataType::Text { code_page: 1252 }
        }
        "char" | "varchar" | "character" | "character varying" => DataType::Str {
            length,
            code_page: 1252,
        },
        "nchar" | "nvarchar" | "national character varying" if !long => DataType::Wstr { length },
        "nchar" | "nvarchar" | "text" | "ntext" | "clob" | "xml" | "json" | "citext" => {
            DataType::Ntext
        }
        "sysname" => DataType::Wstr { length: 128 },
        _ => return None,
    })
}

fn other_type(declared: &Declared) -> Option<DataType> {
    let length = declared.arguments.first().copied().unwrap_or(0);
    Some(match declared.name.as_str() {
        "binary" | "varbinary" if !declared.is_max && length != 0 => DataType::Bytes { length },
        "binary" | "varbinary" | "image" | "blob" | "bytea" => DataType::Image,
        "uniqueidentifier" | "uuid" | "guid" => DataType::Guid,
        "date" => DataType::DbDate,
        "datetime" | "smalldatetime" | "timestamp" => DataType::DbTimestamp,
        "datetime2" | "timestamp without time zone" => DataType::DbTimestamp2 {
            scale: declared.scale(0, 7).min(7),
        },
        "datetimeoffset" | "timestamptz" | "timestamp with time zone" => {
            DataType::DbTimestampOffset {
                scale: declared.scale(0, 7).min(7),
            }
        }
        "time" => DataType::DbTime2 {
            scale: declared.scale(0, 7).min(7),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_of_sql_server_and_sqlite() {
        for (declaration, data_type) in [
            ("nvarchar(255)", DataType::Wstr { length: 255 }),
            ("[nvarchar] (255) NULL", DataType::Wstr { length: 255 }),
            ("NVARCHAR(MAX)", DataType::Ntext),
            (
                "varchar(50)",
                DataType::Str {
                    length: 50,
                    code_page: 1252,
                },
            ),
            ("int", DataType::I4),
            ("INTEGER", DataType::I8),
            (
                "decimal(18,2)",
                DataType::Numeric {
                    precision: 18,
                    scale: 2,
                },
            ),
            ("datetime2", DataType::DbTimestamp2 { scale: 7 }),
            ("datetime2(3)", DataType::DbTimestamp2 { scale: 3 }),
            ("uniqueidentifier", DataType::Guid),
            ("varbinary(16)", DataType::Bytes { length: 16 }),
            ("double precision", DataType::R8),
        ] {
            assert_eq!(declared_type(declaration), Some(data_type), "{declaration}");
        }
    }

    #[test]
    fn what_is_unknown_has_no_type() {
        for declaration in ["", "geography", "hierarchyid", "()"] {
            assert_eq!(declared_type(declaration), None, "{declaration}");
        }
    }
}
