//! What a declaration says.

use serde::Serialize;

/// The T-SQL type of a parameter or column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlType {
    /// `bigint`
    Bigint,
    /// `int`
    Int,
    /// `smallint`
    Smallint,
    /// `bit`
    Bit,
    /// `nvarchar(n)`; `None` is `nvarchar(max)`
    Nvarchar(Option<u16>),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// Who may call a procedure at all. What it may do to which object is decided by the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Any known caller; the handler checks permissions on the objects named.
    OnObjects,
    /// `ssis_admin` or `sysadmin`.
    Administrator,
    /// `ssis_cluster_executor`, `ssis_admin` or `sysadmin` when Scale Out is asked for.
    ScaleOutExecutor,
}

/// A catalog procedure.
#[derive(Clone, Copy, Debug)]
pub struct Procedure {
    /// Schema: `catalog`.
    pub schema: &'static str,
    /// Name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Parameters in order.
    pub parameters: &'static [ProcedureParameter],
    /// Who may call it.
    pub permission: Permission,
    /// Columns of its result set, if it has one.
    pub result_set: Option<&'static [ViewColumn]>,
}

/// A column of a view or result set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A catalog view.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Schema: `catalog`.
    pub schema: &'static str,
    /// Name.
    pub name: &'static str,
    /// What a row is, in one sentence.
    pub summary: &'static str,
    /// Columns in order.
    pub columns: &'static [ViewColumn],
}
