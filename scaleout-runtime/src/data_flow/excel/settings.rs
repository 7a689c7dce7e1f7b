//! What an Excel connection manager and its components say.

use std::path::PathBuf;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::connection_string::ConnectionString;
use scaleout_core::package::pipeline::Component;
use scaleout_core::protocol::executor::RuntimeSettings;

use super::error::ExcelError;
use super::query::Query;
use crate::connections::ConnectionError;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::transforms::refused;
use crate::paths;
use crate::value::Value;

/// A workbook, and how its rows are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Workbook {
    /// The file as the package names it.
    pub written: String,
    /// The file on this machine, once [`Workbook::resolved`] has found its place.
    pub path: PathBuf,
    /// The first row has the names of the columns (`HDR`).
    pub has_header: bool,
    /// Columns of mixed types are read as text (`IMEX=1`).
    pub mixed_as_text: bool,
}

/// Reads a connection manager whose property expressions have been evaluated.
///
/// # Errors
/// It is of another kind, or its connection string cannot be read.
pub(super) fn workbook_of(
    manager: &ConnectionManager,
    settings: &RuntimeSettings,
) -> Result<Workbook, ConnectionError> {
    let invalid = |reason: String| ConnectionError::Invalid {
        name: manager.name.clone(),
        reason,
    };
    if !manager.creation_name.eq_ignore_ascii_case("EXCEL") {
        let kind = &manager.creation_name;
        return Err(invalid(format!(
            "it is of type `{kind}`, and a workbook is needed"
        )));
    }
    let string = ConnectionString::parse(manager.connection_string())
        .map_err(|error| invalid(error.to_string()))?;
    let own = |name: &str| {
        let text = manager.properties.get(name).map(|text| text.trim());
        text.filter(|text| !text.is_empty())
    };
    let file = own("ExcelFilePath").or(string.get("Data Source"));
    let written = file.unwrap_or_default().to_owned();
    let path = paths::to_local(&written, settings);
    // "EXCEL 12.0 XML;HDR=YES;IMEX=1": the first part is no pair.
    let extended = string.get("Extended Properties").unwrap_or_default();
    let pairs = extended.split(';').filter_map(|part| part.split_once('='));
    let (mut has_header, mut mixed_as_text) = (true, false);
    if let Some(text) = own("FirstRowHasColumnName") {
        has_header = text.eq_ignore_ascii_case("true") || text == "1" || text == "-1";
    }
    for (key, value) in pairs {
        let value = value.trim();
        match key.trim().to_ascii_uppercase().as_str() {
            "HDR" => has_header = !value.eq_ignore_ascii_case("no"),
            "IMEX" => mixed_as_text = value == "1",
            _ => {}
        }
    }
    Ok(Workbook {
        written,
        path,
        has_header,
        mixed_as_text,
    })
}

impl Workbook {
    /// With the place of its file, which a package that is only checked need not have here.
    ///
    /// # Errors
    /// No path mapping covers it.
    pub(super) fn resolved(self, settings: &RuntimeSettings) -> Result<Self, ComponentError> {
        let path = paths::resolve(&self.written, settings).map_err(|error| {
            let text = format!("the workbook cannot be opened: {}", error.explained());
            ComponentError::failed(codes::NO_CONNECTION, text)
        })?;
        Ok(Self { path, ..self })
    }
}

/// The workbook of a component.
///
/// # Errors
/// As [`workbook_of`], or there is no such connection manager.
pub(super) fn workbook(
    component: &Component,
    cx: &BuildContext<'_>,
) -> Result<Workbook, ConnectionError> {
    let mut failed = ConnectionError::Unknown {
        reference: String::new(),
    };
    let connections = component.connections.iter();
    for reference in connections.flat_map(|it| [&it.manager_id, &it.manager_ref_id]) {
        if reference.is_empty() {
            continue;
        }
        match cx.services.connections.resolve(reference) {
            Ok(manager) => return workbook_of(&manager, &cx.services.settings),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// What is read or written, by `AccessMode`.
///
/// # Errors
/// The property or variable is empty, or the query is not understood.
pub(super) fn query(component: &Component, cx: &BuildContext<'_>) -> Result<Query, ComponentError> {
    let text = |name: &str| component.property(name).map_or("", str::trim).to_owned();
    let wrong = |what: String| refused(component, codes::WRONG_PROPERTY, &what);
    let variable = |name: &str| {
        let variable = text(name);
        let value = cx.services.variables.get(&variable);
        let value = value.map_err(|error| wrong(format!("reads `{name}`: {error}")))?;
        match value.value {
            Value::Str(text) => Ok(text.as_ref().to_owned()),
            _ => Err(wrong(format!("needs text in variable `{variable}`"))),
        }
    };
    let sql = |sql: String| Query::parse(&sql).map_err(|error: ExcelError| error.into());
    let table = |name: String, place: &str| match name.trim() {
        "" => Err(wrong(format!("names no sheet; set {place}"))),
        name => Ok(Query::of_table(name)),
    };
    let is_destination = !component.inputs.is_empty();
    match text("AccessMode").as_str() {
        "" | "0" => table(text("OpenRowset"), "OpenRowset"),
        "3" if is_destination => table(text("OpenRowset"), "OpenRowset"),
        "1" => table(variable("OpenRowsetVariable")?, "OpenRowsetVariable"),
        "4" if is_destination => table(variable("OpenRowsetVariable")?, "OpenRowsetVariable"),
        "2" => sql(text("SqlCommand")),
        "3" => sql(variable("SqlCommandVariable")?),
        other => Err(wrong(format!("has the unknown AccessMode {other}"))),
    }
}
