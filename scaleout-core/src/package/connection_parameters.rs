//! `CM.<connection>.<property>` parameters: what a build declares for each connection manager.
//!
//! A manifest has them ready-made; a bare package and a project of the package
//! deployment model have no manifest, so theirs are declared here.

use super::VariableType;
use super::connection_string::ConnectionString;
use super::model::{ConnectionManager, Parameter};

const BOOLEAN: VariableType = VariableType::Boolean;
const NUMBER: VariableType = VariableType::Int32;
const TEXT: VariableType = VariableType::String;

/// The parameters of one connection manager.
#[must_use]
pub fn connection_parameters(manager: &ConnectionManager) -> Vec<Parameter> {
    let kind = manager.creation_name.split(':').next().unwrap_or_default();
    match kind {
        "OLEDB" | "ADO.NET" | "ADO" | "MSOLAP100" => database(manager, true),
        "ODBC" => database(manager, false),
        "FLATFILE" | "MULTIFLATFILE" => flat_file(manager),
        "CACHE" => cache(manager),
        _ => vec![own(manager, "ConnectionString", TEXT, "")],
    }
}

fn database(manager: &ConnectionManager, names_server: bool) -> Vec<Parameter> {
    // A string that cannot be read has no parts to offer; whoever connects with it says why.
    let parsed = ConnectionString::parse(manager.connection_string()).unwrap_or_default();
    let from_string = |property: &str, key: &str| {
        let value = parsed.get(key).unwrap_or_default();
        parameter(manager, property, TEXT, value)
    };
    let mut password = parameter(manager, "Password", TEXT, "");
    password.sensitive = true;
    password.value = None;
    let mut parameters = vec![own(manager, "ConnectionString", TEXT, "")];
    if names_server {
        parameters.push(from_string("InitialCatalog", "Initial Catalog"));
    }
    parameters.push(password);
    parameters.push(parameter(
        manager,
        "RetainSameConnection",
        BOOLEAN,
        &retain(manager),
    ));
    if names_server {
        parameters.push(from_string("ServerName", "Data Source"));
    }
    parameters.push(from_string("UserName", "User ID"));
    parameters
}

fn retain(manager: &ConnectionManager) -> String {
    let written = manager.properties.get("Retain").map(String::as_str);
    written.unwrap_or("False").to_ascii_lowercase()
}

fn flat_file(manager: &ConnectionManager) -> Vec<Parameter> {
    [
        ("AlwaysCheckForRowDelimiters", BOOLEAN, "true"),
        ("CodePage", NUMBER, "1252"),
        ("ColumnNamesInFirstDataRow", BOOLEAN, "false"),
        ("ConnectionString", TEXT, ""),
        ("DataRowsToSkip", NUMBER, "0"),
        ("Format", TEXT, "Delimited"),
        ("HeaderRowDelimiter", TEXT, "\r\n"),
        ("HeaderRowsToSkip", NUMBER, "0"),
        ("LocaleID", NUMBER, "1033"),
        ("RowDelimiter", TEXT, ""),
        ("TextQualifier", TEXT, ""),
        ("Unicode", BOOLEAN, "false"),
    ]
    .into_iter()
    .map(|(property, data_type, default)| own(manager, property, data_type, default))
    .collect()
}

fn cache(manager: &ConnectionManager) -> Vec<Parameter> {
    vec![
        own(manager, "ConnectionString", TEXT, ""),
        own(manager, "RetainData", BOOLEAN, "true"),
        own(manager, "UseEncryption", BOOLEAN, "false"),
        own(manager, "UseFile", BOOLEAN, "false"),
    ]
}

/// A parameter whose design value is the connection manager's own property.
fn own(
    manager: &ConnectionManager,
    property: &str,
    data_type: VariableType,
    default: &str,
) -> Parameter {
    let written = manager.properties.get(property).map(String::as_str);
    parameter(manager, property, data_type, written.unwrap_or(default))
}

fn parameter(
    manager: &ConnectionManager,
    property: &str,
    data_type: VariableType,
    value: &str,
) -> Parameter {
    let value = match data_type {
        VariableType::Boolean => value.to_ascii_lowercase(),
        _ => value.to_owned(),
    };
    Parameter {
        name: format!("CM.{}.{property}", manager.name),
        description: String::new(),
        value: Some(value),
        data_type,
        required: false,
        sensitive: false,
    }
}
