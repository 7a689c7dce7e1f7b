//! Functions about null.

use super::super::evaluation_error::Fault;
use super::super::mistake::Mistake;
use super::super::plan::Node;
use super::super::types::{is_string, string_length};
use super::call::Call;
use crate::value::{DataType, Value};

pub(super) fn boolean(_: &[Node]) -> Result<DataType, Mistake> {
    Ok(DataType::Bool)
}

/// The type of the first argument; of two texts the longer.
pub(super) fn first(arguments: &[Node]) -> Result<DataType, Mistake> {
    let [first, second] = arguments else {
        return Ok(DataType::I4);
    };
    let (first, second) = (first.data_type, second.data_type);
    if is_string(first) && !is_string(second) {
        return Err(Mistake::ParameterType {
            function: "REPLACENULL",
            parameter: 2,
            found: second,
        });
    }
    Ok(match first {
        DataType::Wstr { length } => DataType::Wstr {
            length: length.max(string_length(second)),
        },
        other => other,
    })
}

pub(super) fn is_null(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(matches!(call.argument(0)?, Value::Null)))
}

pub(super) fn replace_null(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(match call.argument(0)? {
        Value::Null => call.argument(1)?.clone(),
        value => value.clone(),
    })
}
