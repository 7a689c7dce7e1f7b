//! Settings of transforms, out of their properties.

use scaleout_core::package::pipeline::{Component, Property, property};

use crate::convert::ComparisonFlags;
use crate::data_flow::codes;
use crate::data_flow::component::ComponentError;

/// A refusal of what the package says: `what` goes on from the component's name.
pub fn refused(component: &Component, code: &str, what: &str) -> ComponentError {
    let text = format!("component `{}` {what}", component.name);
    ComponentError::failed(codes::number(code), text)
}

/// Whether a property says yes. An absent one says no.
pub fn is_true(text: Option<&str>) -> bool {
    text.is_some_and(|text| {
        matches!(text.trim(), "1" | "-1") || text.trim().eq_ignore_ascii_case("true")
    })
}

/// A whole number in a property; `None` when it is absent or empty.
pub fn number_in(
    component: &Component,
    properties: &[Property],
    name: &str,
) -> Result<Option<i32>, ComponentError> {
    let text = property(properties, name).map(str::trim);
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        let what = format!("has `{text}` as {name}, which is not a whole number");
        refused(component, codes::WRONG_PROPERTY, &what)
    })
}

/// The comparison flags of a column.
pub fn flags_of(
    component: &Component,
    column: &str,
    bits: u32,
) -> Result<ComparisonFlags, ComponentError> {
    ComparisonFlags::new(bits).map_err(|unknown| {
        let what = format!(
            "compares column `{column}` with the flags {bits}, of which {unknown} means nothing here; clear them in the comparison flags of the column"
        );
        refused(component, codes::WRONG_PROPERTY, &what)
    })
}
