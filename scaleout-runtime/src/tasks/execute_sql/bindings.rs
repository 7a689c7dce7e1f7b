//! Parameters: variables to the marks of the statement.

use super::settings::ParameterBinding;
use crate::connections::cell::{CellBuilder, cell_of_value};
use crate::connections::dialect::name_marks;
use crate::convert::value_at;
use crate::services::Variables;
use crate::value::{DataType, TypedValue};

/// A statement with `?` marks and their values.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) sql: String,
    pub(super) values: Vec<TypedValue>,
}

/// Which numbers and names a kind of connection uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `?`; types are OLE DB's.
    OleDb,
    /// `?`, or `@name` with ADO.NET; types are others.
    Other,
}

impl Style {
    /// By the creation name of a connection manager.
    pub(super) fn of(creation_name: &str) -> Self {
        match creation_name.to_ascii_uppercase().as_str() {
            "OLEDB" | "EXCEL" => Self::OleDb,
            _ => Self::Other,
        }
    }
}

/// The values of the marks, in order. Named marks become `?`.
pub(super) fn bind(
    sql: &str,
    bindings: &[ParameterBinding],
    style: Style,
    variables: &dyn Variables,
) -> Result<Bound, String> {
    let mut values = Vec::with_capacity(bindings.len());
    for binding in bindings {
        let value = variables
            .get(&binding.variable)
            .map_err(|error| format!("parameter `{}`: {error}", binding.name))?;
        values.push(typed(value, binding, style)?);
    }
    let names: Vec<String> = bindings
        .iter()
        .map(|binding| binding.name.clone())
        .collect();
    let (named, order) = name_marks(sql, &names);
    if !order.is_empty() {
        let values = order.iter().map(|at| values[*at].clone()).collect();
        return Ok(Bound { sql: named, values });
    }
    let mut numbered: Vec<(u32, TypedValue)> = bindings
        .iter()
        .map(|binding| ordinal(&binding.name))
        .zip(values)
        .collect();
    // Stable: what has no number keeps the order of the file.
    numbered.sort_by_key(|(at, _)| *at);
    Ok(Bound {
        sql: sql.to_owned(),
        values: numbered.into_iter().map(|(_, value)| value).collect(),
    })
}

/// `0`, `1`, … of OLE DB, `1`, `2`, … of ODBC, `Param1`, … of ADO.
fn ordinal(name: &str) -> u32 {
    let digits = name.trim_start_matches(|character: char| !character.is_ascii_digit());
    digits.parse().unwrap_or(u32::MAX)
}

/// The value in the type that the binding names, where that is a type without facets.
fn typed(
    value: TypedValue,
    binding: &ParameterBinding,
    style: Style,
) -> Result<TypedValue, String> {
    let wanted = binding.data_type.and_then(plain_type);
    let Some(wanted) = wanted.filter(|_| style == Style::OleDb) else {
        return Ok(value);
    };
    let failed = |reason: &str| {
        format!(
            "parameter `{}` cannot take variable `{}`: {reason}",
            binding.name, binding.variable
        )
    };
    let cell = cell_of_value(&value).ok_or_else(|| failed("it holds an Object"))?;
    let mut builder = CellBuilder::new(wanted);
    builder
        .push(cell)
        .map_err(|problem| failed(&problem.to_string()))?;
    let array = builder.finish();
    Ok(TypedValue {
        data_type: wanted,
        value: value_at(array.as_ref(), 0, wanted),
    })
}

/// An OLE DB type number, where it says all about the type.
fn plain_type(number: u16) -> Option<DataType> {
    let data_type = DataType::from_number(number, Default::default())?;
    match data_type {
        DataType::Numeric { .. }
        | DataType::Decimal { .. }
        | DataType::Bytes { .. }
        | DataType::DbTime2 { .. }
        | DataType::DbTimestamp2 { .. }
        | DataType::DbTimestampOffset { .. } => None,
        other => Some(other),
    }
}
