//! Properties of data flow tasks: their own, and `[Component].[Property]`.

use scaleout_core::package::pipeline::{Component, Pipeline, Property};

use super::error::PropertyError;
use super::value::PropertyValue;

/// Sets a property of a data flow task or of something inside it.
///
/// Inside, the path is `[Component].[Property]`, `[Component].[Port].[Property]` or
/// `[Component].[Port].[Column].[Property]`.
///
/// # Errors
/// [`PropertyError`] naming what was not found.
pub fn set(
    pipeline: &mut Pipeline,
    name: &str,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let steps = steps(property);
    match steps.as_slice() {
        [] => set_own(pipeline, name, property, value),
        [component, inside @ ..] => {
            let mut components = pipeline.components.iter_mut();
            let found = components.find(|of| of.name == *component);
            let found = found.ok_or_else(|| {
                PropertyError::missing(&format!("data flow `{name}`"), "component", component)
            })?;
            set_inside(found, inside, value)
        }
    }
}

fn set_own(
    pipeline: &mut Pipeline,
    name: &str,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    match property {
        "DefaultBufferMaxRows" => pipeline.default_buffer_max_rows = value.integer(property)?,
        "DefaultBufferSize" => pipeline.default_buffer_size = value.integer(property)?,
        "EngineThreads" => pipeline.engine_threads = value.integer(property)?,
        "RunInOptimizedMode" => pipeline.run_in_optimized_mode = value.boolean(property)?,
        "AutoAdjustBufferSize" => pipeline.auto_adjust_buffer_size = value.boolean(property)?,
        // Where the original spills; ours has its own setting.
        "BLOBTempStoragePath" | "BufferTempStoragePath" => {}
        _ => {
            return Err(PropertyError::Unknown {
                object: format!("data flow `{name}`"),
                property: property.to_owned(),
            });
        }
    }
    Ok(())
}

/// The names in `[A].[B].[C]`; empty when the text is not of that form.
fn steps(property: &str) -> Vec<&str> {
    let inner = property
        .trim()
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.map_or_else(Vec::new, |inner| inner.split("].[").collect())
}

fn set_inside(
    component: &mut Component,
    steps: &[&str],
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let object = format!("component `{}`", component.name);
    let properties = match steps {
        [_] => &mut component.properties,
        [port, _] => port_properties(component, port)
            .ok_or_else(|| PropertyError::missing(&object, "input or output", port))?,
        [port, column, _] => column_properties(component, port, column).ok_or_else(|| {
            PropertyError::missing(&object, "column", &format!("{port}].[{column}"))
        })?,
        _ => {
            return Err(PropertyError::missing(
                &object,
                "property",
                &steps.join("].["),
            ));
        }
    };
    let property = steps.last().copied().unwrap_or_default();
    set_property(properties, &object, property, value)
}

fn port_properties<'c>(component: &'c mut Component, port: &str) -> Option<&'c mut Vec<Property>> {
    let mut inputs = component.inputs.iter_mut();
    if let Some(input) = inputs.find(|input| input.name == port) {
        return Some(&mut input.properties);
    }
    let mut outputs = component.outputs.iter_mut();
    let output = outputs.find(|output| output.name == port)?;
    Some(&mut output.properties)
}

fn column_properties<'c>(
    component: &'c mut Component,
    port: &str,
    column: &str,
) -> Option<&'c mut Vec<Property>> {
    let mut inputs = component.inputs.iter_mut();
    if let Some(input) = inputs.find(|input| input.name == port) {
        let mut columns = input.columns.iter_mut();
        let found = columns.find(|of| of.name == column)?;
        return Some(&mut found.properties);
    }
    let mut outputs = component.outputs.iter_mut();
    let output = outputs.find(|output| output.name == port)?;
    let mut columns = output.columns.iter_mut();
    let found = columns.find(|of| of.name == column)?;
    Some(&mut found.properties)
}

fn set_property(
    properties: &mut Vec<Property>,
    object: &str,
    name: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let Some(position) = properties.iter().position(|property| property.name == name) else {
        return Err(PropertyError::unknown(object, name));
    };
    properties[position].value = value.text().to_owned();
    // The stored form with lineage references would win over the readable one just set.
    if name == "FriendlyExpression" {
        properties.retain(|property| property.name != "Expression");
    }
    Ok(())
}
