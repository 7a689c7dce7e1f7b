//! What a declaration says.

use serde::Serialize;

use super::permission::Permission;

/// The T-SQL type of a parameter or column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlType {
    /// `bigint`
    Bigint,
    /// `int`
    Int,
    /// `smallint`
    Smallint,
    /// `tinyint`
    Tinyint,
    /// `bit`
    Bit,
    /// `datetime`
    Datetime,
    /// `nvarchar(n)`; `None` is `nvarchar(max)`
    Nvarchar(Option<u16>),
    /// `nvarchar` where the original states no length; taken as `nvarchar(max)`
    NvarcharUnstated,
    /// `sysname`
    Sysname,
    /// `char(n)`
    Char(u16),
    /// `varbinary(n)`; `None` is `varbinary(max)`
    Varbinary(Option<u16>),
    /// `uniqueidentifier`
    UniqueIdentifier,
    /// `datetimeoffset(7)`, or without digits as some pages write it
    DatetimeOffset {
        /// Whether the page writes `(7)`.
        with_digits: bool,
    },
    /// `sql_variant`
    SqlVariant,
    /// `[catalog].[Package_Table_Type]`: rows of `name` and `package_data`
    PackageTable,
}

impl SqlType {
    /// How a value of the type is written, with an example.
    #[must_use]
    pub fn form(self) -> String {
        let text = match self {
            Self::Bigint => "a whole number of at most 8 bytes, such as `42`",
            Self::Int => "a whole number from -2147483648 to 2147483647",
            Self::Smallint => "a whole number from -32768 to 32767",
            Self::Tinyint => "a whole number from 0 to 255",
            Self::Bit => "`1`, `0`, `true` or `false`",
            Self::Datetime => {
                "a time such as `2026-01-31T22:00:00Z`, or a day such as `2026-01-31`"
            }
            Self::Nvarchar(Some(length)) | Self::Char(length) => {
                return format!("a text of at most {length} characters");
            }
            Self::Nvarchar(None) | Self::NvarcharUnstated => "a text",
            Self::Sysname => "a text of at most 128 characters",
            Self::Varbinary(_) => "bytes as base64 text",
            Self::UniqueIdentifier => "an id such as `6583054a-e915-4c2c-80e4-c765e79ef61d`",
            Self::DatetimeOffset { .. } => "a time such as `2026-01-31T22:00:00Z`",
            Self::SqlVariant => "a single text, number or truth value",
            Self::PackageTable => {
                r#"a JSON array such as `[{"name": "load.dtsx", "package_data": "…"}]`, the data as base64 text"#
            }
        };
        text.to_owned()
    }
}

impl std::fmt::Display for SqlType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bigint => f.write_str("bigint"),
            Self::Int => f.write_str("int"),
            Self::Smallint => f.write_str("smallint"),
            Self::Tinyint => f.write_str("tinyint"),
            Self::Bit => f.write_str("bit"),
            Self::Datetime => f.write_str("datetime"),
            Self::Nvarchar(Some(length)) => write!(f, "nvarchar({length})"),
            Self::Nvarchar(None) => f.write_str("nvarchar(max)"),
            Self::NvarcharUnstated => f.write_str("nvarchar"),
            Self::Sysname => f.write_str("sysname"),
            Self::Char(length) => write!(f, "char({length})"),
            Self::Varbinary(Some(length)) => write!(f, "varbinary({length})"),
            Self::Varbinary(None) => f.write_str("varbinary(max)"),
            Self::UniqueIdentifier => f.write_str("uniqueidentifier"),
            Self::DatetimeOffset { with_digits: true } => f.write_str("datetimeoffset(7)"),
            Self::DatetimeOffset { with_digits: false } => f.write_str("datetimeoffset"),
            Self::SqlVariant => f.write_str("sql_variant"),
            Self::PackageTable => f.write_str("[catalog].[Package_Table_Type]"),
        }
    }
}

impl Serialize for SqlType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Which way a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Input.
    In,
    /// Output.
    Out,
}

/// One parameter of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProcedureParameter {
    /// Name with its `@`.
    pub name: &'static str,
    /// Older spellings that callers may still use, with `@`.
    pub aliases: &'static [&'static str],
    /// Type.
    pub sql_type: SqlType,
    /// Which way.
    pub direction: Direction,
    /// Default as SQL text; `None` when there is none (then NULL where not required).
    pub default: Option<&'static str>,
    /// Must be given.
    pub required: bool,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// The original does not have it. Callers never need to name it.
    pub extension: bool,
}

impl ProcedureParameter {
    /// An input that must be given.
    #[must_use]
    pub const fn required(name: &'static str, sql_type: SqlType, meaning: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            sql_type,
            direction: Direction::In,
            default: None,
            required: true,
            meaning,
            extension: false,
        }
    }

    /// An input that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str, sql_type: SqlType, meaning: &'static str) -> Self {
        Self {
            required: false,
            ..Self::required(name, sql_type, meaning)
        }
    }

    /// An output. Callers never need to name it.
    #[must_use]
    pub const fn output(name: &'static str, sql_type: SqlType, meaning: &'static str) -> Self {
        Self {
            direction: Direction::Out,
            ..Self::required(name, sql_type, meaning)
        }
    }

    /// The same with a default, as SQL text.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self {
            default: Some(default),
            required: false,
            ..self
        }
    }

    /// The same, where the original lets the caller leave it out.
    #[must_use]
    pub const fn may_be_left_out(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// The same, marked as one that the original does not have.
    #[must_use]
    pub const fn extension(self) -> Self {
        Self {
            extension: true,
            ..self
        }
    }

    /// The same with older spellings.
    #[must_use]
    pub const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// Whether `name` means this parameter, with or without `@`, in any case.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.strip_prefix('@').unwrap_or(name);
        std::iter::once(&self.name)
            .chain(self.aliases)
            .any(|known| known.trim_start_matches('@').eq_ignore_ascii_case(name))
    }
}

/// A catalog procedure.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Procedure {
    /// Schema: `catalog`, or `msdb` for jobs.
    pub schema: &'static str,
    /// Name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Parameters in order.
    pub parameters: &'static [ProcedureParameter],
    /// Who may call it, and for what.
    pub permission: Permission,
    /// Columns of its result set, if it has one.
    pub result_set: Option<&'static [ViewColumn]>,
}

impl Procedure {
    /// The parameter of that name, with or without `@`, in any case, old spellings included.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'static ProcedureParameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.is_called(name))
    }
}

/// A column of a view or result set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ViewColumn {
    /// Name as the original spells it; matched without regard to case.
    pub name: &'static str,
    /// Older spellings, accepted in filters.
    pub aliases: &'static [&'static str],
    /// Type.
    pub sql_type: SqlType,
    /// What it means.
    pub meaning: &'static str,
}

impl ViewColumn {
    /// A column.
    #[must_use]
    pub const fn new(name: &'static str, sql_type: SqlType, meaning: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            sql_type,
            meaning,
        }
    }

    /// The same with older spellings.
    #[must_use]
    pub const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }
}

/// A catalog view.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct View {
    /// Schema: `catalog`, or `msdb` for jobs.
    pub schema: &'static str,
    /// Name.
    pub name: &'static str,
    /// What a row is, in one sentence.
    pub summary: &'static str,
    /// Columns in order.
    pub columns: &'static [ViewColumn],
}

impl View {
    /// The column of that name, in any case, old spellings included.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ViewColumn> {
        self.columns.iter().find(|column| {
            std::iter::once(&column.name)
                .chain(column.aliases)
                .any(|known| known.eq_ignore_ascii_case(name))
        })
    }
}
