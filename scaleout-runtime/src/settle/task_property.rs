//! Properties of tasks: where each sits in the task's own settings.

use scaleout_core::package::{Task, xml::Element};

use super::error::PropertyError;
use super::value::PropertyValue;
use crate::control_flow::execute_package;
use crate::tasks::kinds;

/// Where a property sits below the root of a task's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An attribute of the root.
    Attribute(&'static str),
    /// The text of a child element.
    Child(&'static str),
}

/// A property by its object-model name, and its place.
pub type PropertyPlace = (&'static str, Place);

/// Sets a property of a task.
///
/// A task with a table takes what is in it; any other task takes the attributes and
/// children that its settings already have, since files leave names as they are.
///
/// # Errors
/// [`PropertyError::Unknown`] when there is no place for it.
pub fn set(
    task: &mut Task,
    name: &str,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let places = match task.task_type.as_str() {
        execute_package::TASK_TYPE => execute_package::PROPERTIES,
        other => kinds::kind(other).map_or(&[][..], |kind| kind.properties()),
    };
    let known = places.iter().find(|(of, _)| *of == property);
    match known {
        Some((_, Place::Attribute(attribute))) => set_attribute(&mut task.data, attribute, value),
        Some((_, Place::Child(child))) => set_child(&mut task.data, child, value),
        None if task.data.attribute(property).is_some() => {
            set_attribute(&mut task.data, property, value);
        }
        None if task.data.child(property).is_some() => set_child(&mut task.data, property, value),
        None => {
            return Err(PropertyError::Unknown {
                object: format!("task `{name}` ({})", task.task_type),
                property: property.to_owned(),
            });
        }
    }
    Ok(())
}

fn set_attribute(data: &mut Element, name: &str, value: &PropertyValue) {
    let mut attributes = data.attributes.iter_mut();
    match attributes.find(|(of, _)| of == name) {
        Some((_, text)) => *text = value.text().to_owned(),
        None => {
            let attribute = (name.to_owned(), value.text().to_owned());
            data.attributes.push(attribute);
        }
    }
}

fn set_child(data: &mut Element, name: &str, value: &PropertyValue) {
    let text = value.text().to_owned();
    match data.children.iter_mut().find(|child| child.name == name) {
        Some(child) => child.text = text,
        None => data.children.push(Element {
            name: name.to_owned(),
            text,
            ..Element::default()
        }),
    }
}
