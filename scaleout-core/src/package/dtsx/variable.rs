//! Variables and typed values.

use crate::package::VariableType;
use crate::package::error::PackageError;
use crate::package::model::{Literal, Variable};
use crate::package::node::Node;

/// What the designer writes for a variable that may be in dumps; others have 2345.
const INCLUDED: &str = "6789";

/// A variable of any scope.
pub(super) fn read_variable(node: Node<'_>) -> Result<Variable, PackageError> {
    let value = match node.child("VariableValue") {
        Some(value) => read_literal(value)?,
        None => Literal {
            data_type: VariableType::Empty,
            text: String::new(),
        },
    };
    let include_in_dumps = match node.get("IncludeInDebugDump") {
        Some(number) => number.trim() == INCLUDED,
        None => value.data_type != VariableType::String,
    };
    let namespace = node.get("Namespace").filter(|name| !name.is_empty());
    Ok(Variable {
        namespace: namespace.unwrap_or("User").to_owned(),
        name: node.text("ObjectName"),
        id: node.text("DTSID"),
        description: node.text("Description"),
        value,
        read_only: node.boolean("ReadOnly", false)?,
        raise_changed_event: node.boolean("RaiseChangedEvent", false)?,
        evaluate_as_expression: node.boolean("EvaluateAsExpression", false)?,
        expression: node.text("Expression"),
        include_in_dumps,
    })
}

/// The text of an element with its `DataType`. An Object has no text:
/// what stands there is a serialised .NET object.
pub(super) fn read_literal(node: Node<'_>) -> Result<Literal, PackageError> {
    let number: u16 = node.number("DataType", 8)?;
    let data_type = VariableType::from_vartype(number).ok_or_else(|| {
        node.invalid(
            "DataType",
            &number.to_string(),
            "a VARTYPE number of a variable",
        )
    })?;
    let text = match data_type {
        VariableType::Object => String::new(),
        _ => node.element.text.clone(),
    };
    Ok(Literal { data_type, text })
}
