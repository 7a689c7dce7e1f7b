//! The tables, queries and files that components name.

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::Component;

use super::model::Place;
use crate::connections::shortened;

/// Properties that name what a component reads or writes, the first that says something counts.
const TABLES: [&str; 7] = [
    "OpenRowset",
    "TableOrViewName",
    "TableName",
    "BulkInsertTableName",
    "FileName",
    "ReferenceTableName",
    "WebUrl",
];
const QUERIES: [&str; 1] = ["SqlCommand"];
const VARIABLES: [&str; 4] = [
    "OpenRowsetVariable",
    "SqlCommandVariable",
    "FileNameVariable",
    "VariableName",
];

/// A column of what the component reads or writes.
pub(super) fn place(component: &Component, managers: &[&ConnectionManager], column: &str) -> Place {
    let manager = manager_of(component, managers);
    Place {
        component: component.name.clone(),
        connection: manager.map(|manager| manager.name.clone()),
        object: object_of(component, manager),
        column: column.to_owned(),
    }
}

fn object_of(component: &Component, manager: Option<&ConnectionManager>) -> Option<String> {
    let is_file = manager.is_some_and(|manager| {
        let kind = manager.creation_name.to_ascii_uppercase();
        matches!(kind.as_str(), "FLATFILE" | "MULTIFLATFILE" | "FILE")
    });
    if is_file {
        return manager.map(|manager| manager.connection_string().to_owned());
    }
    let said = |name: &&str| {
        let text = component.property(name)?.trim();
        (!text.is_empty()).then_some(text)
    };
    let mode: Option<i64> = component
        .property("AccessMode")
        .and_then(|mode| mode.trim().parse().ok());
    let table = || TABLES.iter().find_map(said).map(str::to_owned);
    let query = || QUERIES.iter().find_map(said).map(shortened);
    let variable = || {
        VARIABLES
            .iter()
            .find_map(said)
            .map(|name| format!("@[{name}]"))
    };
    let is_ole_db = component.component_type.starts_with("Microsoft.OLEDB")
        || component.component_type.starts_with("Microsoft.Excel");
    match mode {
        Some(1 | 4) if is_ole_db => variable(),
        Some(3) if component.component_type == "Microsoft.OLEDBSource" => variable(),
        // A query may stay in the file after a table was chosen, and the other way round.
        Some(2) => query().or_else(table),
        Some(1) => query().or_else(table),
        _ => table().or_else(query).or_else(variable),
    }
}

fn manager_of<'m>(
    component: &Component,
    managers: &[&'m ConnectionManager],
) -> Option<&'m ConnectionManager> {
    let connection = component.connections.first()?;
    let references = [&connection.manager_id, &connection.manager_ref_id];
    references.into_iter().find_map(|reference| {
        let id = reference
            .split_once("}:")
            .map_or(reference.as_str(), |(id, _)| &reference[..=id.len()]);
        let found = managers.iter().find(|manager| {
            !reference.is_empty()
                && (manager.id.eq_ignore_ascii_case(id)
                    || manager.ref_id == *reference
                    || manager.name == *reference)
        });
        found.copied()
    })
}
