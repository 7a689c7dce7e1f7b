//! The table of enumerators.

use scaleout_core::package::task_types::enumerator_display_name;
use scaleout_core::package::{ForeachLoop, xml};

use super::{ado, file, from_variable, item, node_list, schema_rowset};
use crate::refusal::{not_run_here, with_article};
use crate::services::Services;
use crate::settle::PropertyError;
use crate::settle::value::PropertyValue;
use crate::value::TypedValue;

/// One element of an enumeration: its columns.
pub type Element = Vec<TypedValue>;

/// What an enumerator is.
pub(super) struct Enumerator {
    /// Canonical creation name.
    pub(super) name: &'static str,
    /// Lists the elements.
    pub(super) enumerate: fn(&xml::Element, &Services) -> Result<Vec<Element>, String>,
    /// What is wrong with the settings, without looking at the world.
    pub(super) check: fn(&xml::Element) -> Option<String>,
    /// Sets a property by its object-model name; `None` when there is no such property.
    pub(super) set: fn(&mut xml::Element, &str, &str) -> Option<()>,
}

const ENUMERATORS: [Enumerator; 6] = [
    file::ENUMERATOR,
    item::ENUMERATOR,
    from_variable::ENUMERATOR,
    ado::ENUMERATOR,
    node_list::ENUMERATOR,
    schema_rowset::ENUMERATOR,
];

fn kind(own: &ForeachLoop) -> Option<&'static Enumerator> {
    ENUMERATORS
        .iter()
        .find(|enumerator| enumerator.name == own.enumerator)
}

/// The elements of a loop; the enumerator's property expressions are already applied.
///
/// # Errors
/// Why there can be none, in one sentence.
pub fn enumerate(own: &ForeachLoop, services: &Services) -> Result<Vec<Element>, String> {
    match kind(own) {
        Some(kind) => (kind.enumerate)(&own.data, services),
        None => Err(unsupported(own)),
    }
}

/// What is wrong with the enumerator of a loop: an unsupported kind, or its settings.
#[must_use]
pub fn check(own: &ForeachLoop) -> Option<String> {
    match kind(own) {
        Some(kind) => (kind.check)(&own.data),
        None => Some(unsupported(own)),
    }
}

/// Whether the enumerator of a loop runs here.
#[must_use]
pub fn is_known(own: &ForeachLoop) -> bool {
    kind(own).is_some()
}

/// Sets a property of an enumerator.
///
/// # Errors
/// [`PropertyError::Unknown`] when it has no such property.
pub fn set_property(
    own: &mut ForeachLoop,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let unknown = || PropertyError::Unknown {
        object: format!("enumerator `{}`", own.enumerator),
        property: property.to_owned(),
    };
    let kind = kind(own).ok_or_else(unknown)?;
    (kind.set)(&mut own.data, property, value.text()).ok_or_else(unknown)
}

fn unsupported(own: &ForeachLoop) -> String {
    let name = &own.enumerator;
    let kind = enumerator_display_name(name).map_or_else(
        || format!("`{name}`"),
        |display| format!("{} (`{name}`)", with_article(display)),
    );
    not_run_here(
        &format!("its enumerator is {kind}"),
        "disable the loop, or let it run over the rows of a query: an Object variable and the \
         Foreach ADO enumerator",
    )
}
