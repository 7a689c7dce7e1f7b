//! The values of parameters: variables, in the types that the bindings name.

use super::settings::{Direction, ParameterBinding};
use super::style::Style;
use crate::connections::cell::{CellBuilder, cell_of_value};
use crate::convert::value_at;
use crate::services::Variables;
use crate::value::TypedValue;

/// The value of each binding. Of an output only the type counts.
pub(super) fn values(
    bindings: &[ParameterBinding],
    style: Style,
    variables: &dyn Variables,
) -> Result<Vec<TypedValue>, String> {
    let value = |binding: &ParameterBinding| {
        let value = variables
            .get(&binding.variable)
            .map_err(|error| format!("parameter `{}`: {error}", binding.name))?;
        match binding.direction {
            Direction::Input => typed(value, binding, style),
            Direction::Output | Direction::ReturnValue => Ok(value),
        }
    };
    bindings.iter().map(value).collect()
}

/// The value in the type that the binding names, where that is a type without facets.
fn typed(
    value: TypedValue,
    binding: &ParameterBinding,
    style: Style,
) -> Result<TypedValue, String> {
    let wanted = binding.data_type;
    let Some(wanted) = wanted.and_then(|number| style.input_type(number)) else {
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
