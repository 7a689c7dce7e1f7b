//! The Foreach Loop: its enumerator and its variable mappings.

use super::executable::{object_data, read_property_expressions};
use crate::package::error::PackageError;
use crate::package::model::ForeachLoop;
use crate::package::node::Node;
use crate::package::task_types::canonical_enumerator;

/// The parts of a Foreach Loop that other containers do not have.
pub(super) fn read_foreach(node: Node<'_>) -> Result<ForeachLoop, PackageError> {
    let Some(enumerator) = node.child("ForEachEnumerator") else {
        return Err(node.missing("`ForEachEnumerator`"));
    };
    let written = ["CreationName", "ExecutableType"]
        .iter()
        .find_map(|name| enumerator.get(name).filter(|text| !text.is_empty()))
        .unwrap_or_default();
    let mappings = node.items("ForEachVariableMappings", "ForEachVariableMapping");
    Ok(ForeachLoop {
        enumerator: canonical_enumerator(written).unwrap_or(written).to_owned(),
        data: object_data(enumerator).cloned().unwrap_or_default(),
        property_expressions: read_property_expressions(enumerator),
        variable_mappings: mappings
            .map(|mapping| {
                Ok((
                    mapping.text("VariableName"),
                    mapping.number("ValueIndex", 0)?,
                ))
            })
            .collect::<Result<_, PackageError>>()?,
    })
}
