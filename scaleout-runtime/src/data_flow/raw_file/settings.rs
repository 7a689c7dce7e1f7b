//! What source and destination are told alike: which file.

use std::path::PathBuf;

use scaleout_core::package::pipeline::Component;

use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::transforms::refused;
use crate::paths;
use crate::value::Value;

/// The path on this machine.
///
/// # Errors
/// No path is set, the variable is not there, or no path mapping covers it.
pub(super) fn file_path(
    component: &Component,
    cx: &BuildContext<'_>,
) -> Result<PathBuf, ComponentError> {
    let wrong = |what: String| refused(component, codes::WRONG_PROPERTY, &what);
    let property = |name| component.property(name).map_or("", str::trim);
    let written = match property("AccessMode") {
        "1" => {
            let name = property("FileNameVariable");
            let value = cx.services.variables.get(name);
            let value = value.map_err(|error| {
                wrong(format!(
                    "takes the name of its raw file from a variable, and {error}; correct \
                     FileNameVariable"
                ))
            })?;
            match value.value {
                Value::Str(text) => text.as_ref().to_owned(),
                _ => return Err(wrong(format!("needs text in variable `{name}`"))),
            }
        }
        _ => property("FileName").to_owned(),
    };
    let resolved = paths::resolve(&written, &cx.services.settings);
    resolved.map_err(|error| wrong(format!("cannot open its raw file: {}", error.explained())))
}
