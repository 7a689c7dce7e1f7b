//! The data flow: components, ports and paths.

use super::executable::object_data;
use super::pipeline_columns::{
    read_disposition, read_external_column, read_input_column, read_output_column, read_properties,
};
use crate::package::component_types::component_type;
use crate::package::error::PackageError;
use crate::package::node::Node;
use crate::package::pipeline::{
    Component, ComponentConnection, Input, Output, Path, Pipeline, property,
};

/// The `pipeline` element of a Data Flow task; one without components is legal.
pub(super) fn read_pipeline(task: Node<'_>) -> Result<Pipeline, PackageError> {
    let Some(element) = object_data(task) else {
        return Err(task.missing("`pipeline` element"));
    };
    let node = Node::new(task.origin, element);
    Ok(Pipeline {
        default_buffer_max_rows: node.number("defaultBufferMaxRows", 10_000)?,
        default_buffer_size: node.number("defaultBufferSize", 10_485_760)?,
        engine_threads: node.number("engineThreads", 10)?,
        run_in_optimized_mode: node.boolean("runInOptimizedMode", true)?,
        auto_adjust_buffer_size: node.boolean("autoAdjustBufferSize", false)?,
        components: node
            .items("components", "component")
            .map(read_component)
            .collect::<Result<_, _>>()?,
        paths: node.items("paths", "path").map(read_path).collect(),
    })
}

/// `refId`, or the numeric `id` of formats 2 and 3.
pub(super) fn identity(node: Node<'_>) -> String {
    let ref_id = node.element.attribute("refId");
    ref_id
        .or_else(|| node.element.attribute("id"))
        .unwrap_or_default()
        .to_owned()
}

fn read_path(node: Node<'_>) -> Path {
    Path {
        ref_id: identity(node),
        name: node.text("name"),
        start: node.text("startId"),
        end: node.text("endId"),
    }
}

fn read_component(node: Node<'_>) -> Result<Component, PackageError> {
    let Some(class_id) = node.get("componentClassID") else {
        return Err(node.missing("`componentClassID`"));
    };
    let properties = read_properties(node);
    let user_type = property(&properties, "UserComponentTypeName");
    Ok(Component {
        id: identity(node),
        name: node.text("name"),
        class_id: class_id.to_owned(),
        component_type: component_type(class_id, user_type),
        line: node.element.line,
        uses_dispositions: node.boolean("usesDispositions", false)?,
        validate_external_metadata: node.boolean("validateExternalMetadata", true)?,
        locale_id: node.number("localeId", -1)?,
        version: node.number("version", 0)?,
        properties,
        connections: node
            .items("connections", "connection")
            .map(read_connection)
            .collect(),
        inputs: node
            .items("inputs", "input")
            .map(read_input)
            .collect::<Result<_, _>>()?,
        outputs: node
            .items("outputs", "output")
            .map(read_output)
            .collect::<Result<_, _>>()?,
    })
}

fn read_connection(node: Node<'_>) -> ComponentConnection {
    ComponentConnection {
        name: node.text("name"),
        manager_id: node.text("connectionManagerID"),
        manager_ref_id: node.text("connectionManagerRefId"),
    }
}

fn read_input(node: Node<'_>) -> Result<Input, PackageError> {
    Ok(Input {
        id: identity(node),
        name: node.text("name"),
        has_side_effects: node.boolean("hasSideEffects", false)?,
        error_row_disposition: read_disposition(node, "errorRowDisposition")?,
        truncation_row_disposition: read_disposition(node, "truncationRowDisposition")?,
        properties: read_properties(node),
        columns: node
            .items("inputColumns", "inputColumn")
            .map(read_input_column)
            .collect::<Result<_, _>>()?,
        external_columns: node
            .items("externalMetadataColumns", "externalMetadataColumn")
            .map(read_external_column)
            .collect::<Result<_, _>>()?,
    })
}

fn read_output(node: Node<'_>) -> Result<Output, PackageError> {
    let input = node.get("synchronousInputId").filter(|id| *id != "0");
    Ok(Output {
        id: identity(node),
        name: node.text("name"),
        is_error_output: node.boolean("isErrorOut", false)?,
        synchronous_input_id: input.unwrap_or_default().to_owned(),
        exclusion_group: node.number("exclusionGroup", 0)?,
        is_sorted: node.boolean("isSorted", false)?,
        error_row_disposition: read_disposition(node, "errorRowDisposition")?,
        truncation_row_disposition: read_disposition(node, "truncationRowDisposition")?,
        properties: read_properties(node),
        columns: node
            .items("outputColumns", "outputColumn")
            .map(read_output_column)
            .collect::<Result<_, _>>()?,
        external_columns: node
            .items("externalMetadataColumns", "externalMetadataColumn")
            .map(read_external_column)
            .collect::<Result<_, _>>()?,
    })
}
