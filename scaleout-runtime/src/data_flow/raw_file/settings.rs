//! What source and destination are told alike: which file.

use std::path::PathBuf;

use scaleout_core::package::pipeline::Component;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::transforms::refused;
use crate::paths;
use crate::value::Value;

/// The path as the package has it.
///
/// # Errors
/// No path is set, or the variable is not there.
pub(super) fn written_path(
    component: &Component,
    cx: &BuildContext<'_>,
) -> Result<String, ComponentError> {
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
    match written.trim() {
        "" => Err(wrong("names no raw file; set FileName".to_owned())),
        _ => Ok(written),
    }
}

/// The path on this machine.
///
/// # Errors
/// No path mapping covers it.
pub(super) fn local_path(
    component: &str,
    written: &str,
    settings: &RuntimeSettings,
) -> Result<PathBuf, ComponentError> {
    paths::resolve(written, settings).map_err(|error| {
        let why = error.explained();
        let text = format!("component `{component}` cannot open its raw file: {why}");
        ComponentError::failed(codes::number(codes::WRONG_PROPERTY), text)
    })
}
