//! T-SQL column types by the names they have elsewhere.

use sqlparser::ast::{
    CharacterLength, ColumnDef, ColumnOption, DataType, ExactNumberInfo, Ident, ObjectName,
    TimezoneInfo,
};
use sqlparser::tokenizer::Token;

use crate::connections::Dialect;

/// The type that a database has for a T-SQL type.
pub(super) fn rewrite_type(data_type: DataType, dialect: Dialect) -> DataType {
    match dialect {
        Dialect::SqlServer | Dialect::Odbc => data_type,
        Dialect::Sqlite => for_sqlite(data_type),
        Dialect::Postgres => for_postgres(data_type),
    }
}

/// A column of `CREATE TABLE`: its type, and `IDENTITY`.
pub(super) fn rewrite_column(column: &mut ColumnDef, dialect: Dialect) {
    let is_identity = |option: &ColumnOption| matches!(option, ColumnOption::Identity(_));
    let identity = column.options.iter().any(|def| is_identity(&def.option));
    let is_key = |option: &ColumnOption| matches!(option, ColumnOption::PrimaryKey(_));
    let key = column.options.iter().any(|def| is_key(&def.option));
    column.options.retain(|def| !is_identity(&def.option));
    column.data_type = rewrite_type(column.data_type.clone(), dialect);
    match dialect {
        // SQLite counts up for an INTEGER key and for nothing else.
        Dialect::Sqlite if identity && key => column.data_type = DataType::Integer(None),
        Dialect::Postgres if identity => {
            let words = ["generated", "by", "default", "as", "identity"];
            let tokens = words.iter().map(|word| Token::make_keyword(word)).collect();
            let option = ColumnOption::DialectSpecific(tokens);
            let name = None;
            let def = sqlparser::ast::ColumnOptionDef { name, option };
            column.options.insert(0, def);
        }
        _ => {}
    }
}

/// SQLite takes any name for a type, but only numbers in parentheses.
fn for_sqlite(data_type: DataType) -> DataType {
    match data_type {
        DataType::Nvarchar(Some(CharacterLength::Max)) => custom("ntext"),
        DataType::Varchar(Some(CharacterLength::Max)) => DataType::Text,
        DataType::Varbinary(Some(_)) if is_max(&data_type) => custom("image"),
        other => other,
    }
}

fn for_postgres(data_type: DataType) -> DataType {
    match data_type {
        DataType::Nvarchar(Some(CharacterLength::Max))
        | DataType::Varchar(Some(CharacterLength::Max)) => DataType::Text,
        DataType::Nvarchar(length) => DataType::Varchar(length),
        DataType::TinyInt(_) => DataType::SmallInt(None),
        DataType::Bit(_) => DataType::Boolean,
        DataType::Datetime(_) => DataType::Timestamp(Some(3), TimezoneInfo::None),
        DataType::Varbinary(_) | DataType::Binary(_) => DataType::Bytea,
        DataType::Float(ExactNumberInfo::None) => DataType::DoublePrecision,
        DataType::Custom(name, arguments) => custom_for_postgres(name, arguments),
        other => other,
    }
}

fn custom_for_postgres(name: ObjectName, arguments: Vec<String>) -> DataType {
    let word = name.to_string().to_ascii_lowercase();
    let digits = arguments.first().and_then(|digits| digits.parse().ok());
    match word.trim_matches(['[', ']', '"']) {
        "nchar" => match digits {
            Some(length) => {
                DataType::Char(Some(CharacterLength::IntegerLength { length, unit: None }))
            }
            None => DataType::Char(None),
        },
        "ntext" => DataType::Text,
        "image" => DataType::Bytea,
        "uniqueidentifier" => DataType::Uuid,
        "datetime2" | "smalldatetime" => {
            DataType::Timestamp(digits.map(|digits| digits.min(6)), TimezoneInfo::None)
        }
        "datetimeoffset" => {
            let digits = digits.map(|digits| digits.min(6));
            DataType::Timestamp(digits, TimezoneInfo::WithTimeZone)
        }
        "smallmoney" => custom("money"),
        "sysname" => DataType::Varchar(Some(CharacterLength::IntegerLength {
            length: 128,
            unit: None,
        })),
        _ => DataType::Custom(name, arguments),
    }
}

fn is_max(data_type: &DataType) -> bool {
    data_type.to_string().to_ascii_lowercase().contains("max")
}

fn custom(name: &str) -> DataType {
    DataType::Custom(ObjectName::from(Ident::new(name)), Vec::new())
}
