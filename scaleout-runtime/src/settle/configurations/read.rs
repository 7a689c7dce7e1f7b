//! The entries of one configuration: property paths and the values for them.

use scaleout_core::error::with_sources;
use scaleout_core::package::{Configuration, ConnectionManager, xml};

use super::apply::Around;
use super::source::{Source, TablePlace};
use crate::connections::{Connection, ConnectionError};
use crate::convert::value_at;
use crate::events::Remark;
use crate::paths;
use crate::services::VariableError;
use crate::variables::typed;

/// The file is no configuration file.
const FILE_BROKEN: &str = "0x80012011";
/// The file is not there.
const FILE_MISSING: &str = "0x80012014";
/// There is no parent.
const NO_PARENT: &str = "0x8001201A";
/// The parent has no such variable.
const NO_PARENT_VARIABLE: &str = "0x8001201C";
/// An entry was not loaded.
const NOT_LOADED: &str = "0x80012059";
/// Rows that are asked for at a time.
const BATCH_ROWS: usize = 100;

/// Opens the database behind a connection manager of the package.
pub type Opener<'o> =
    dyn Fn(&ConnectionManager) -> Result<Box<dyn Connection>, ConnectionError> + 'o;

/// One value and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) value: String,
}

/// Reads what a source has.
pub(super) fn entries(
    source: &Source,
    configuration: &Configuration,
    managers: &[&ConnectionManager],
    around: &Around<'_>,
) -> Result<Vec<Entry>, Remark> {
    let single = |value: String| {
        vec![Entry {
            path: configuration.configuration_variable.clone(),
            value,
        }]
    };
    match source {
        Source::ParentVariable(name) => parent_variable(name, configuration, around).map(single),
        Source::Environment(name) => (around.environment)(name)
            .map(single)
            .ok_or_else(|| no_such_variable(configuration, name)),
        Source::XmlFile(path) => xml_file(path, around),
        Source::Table(place) => table(place, configuration, managers, around),
    }
}

pub(super) fn no_such_variable(configuration: &Configuration, name: &str) -> Remark {
    let text = format!(
        "configuration `{}` was not loaded: this machine has no environment variable `{name}`; set \
         it for the worker's service",
        configuration.name
    );
    Remark::warning(NOT_LOADED, text)
}

fn parent_variable(
    name: &str,
    configuration: &Configuration,
    around: &Around<'_>,
) -> Result<String, Remark> {
    let own = &configuration.name;
    let Some(parent) = around.parent else {
        let text = format!(
            "configuration `{own}` takes parent variable `{name}`, and no package runs this one: \
             skipped"
        );
        return Err(Remark::warning(NO_PARENT, text));
    };
    let value = parent.get(name).map_err(|error| {
        let code = match error {
            VariableError::Unknown { .. } => NO_PARENT_VARIABLE,
            _ => NOT_LOADED,
        };
        Remark::warning(code, format!("configuration `{own}` was skipped: {error}"))
    })?;
    typed::shown(&value).ok_or_else(|| {
        let text = format!("configuration `{own}` was skipped: variable `{name}` has no text form");
        Remark::warning(NOT_LOADED, text)
    })
}

fn xml_file(path: &str, around: &Around<'_>) -> Result<Vec<Entry>, Remark> {
    let broken = |why: String| {
        let text = format!(
            "the XML configuration file `{path}` could not be loaded; it may be malformed: {why}"
        );
        Remark::warning(FILE_BROKEN, text)
    };
    let missing = |why: String| {
        let text = format!("configuration file `{path}` was not found: {why}");
        Remark::warning(FILE_MISSING, text)
    };
    let local =
        paths::resolve(path, around.settings).map_err(|error| missing(error.explained()))?;
    let bytes = std::fs::read(&local).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => missing(format!("`{}`: {error}", local.display())),
        _ => broken(format!("`{}`: {error}", local.display())),
    })?;
    let root = xml::read(&bytes, path).map_err(|error| broken(with_sources(&error)))?;
    if root.name != "DTSConfiguration" {
        return Err(broken(format!(
            "its root is `{}` instead of `DTSConfiguration`",
            root.name
        )));
    }
    let entries = root.children_named("Configuration").map(|element| Entry {
        path: element.attribute("Path").unwrap_or_default().to_owned(),
        value: element
            .child("ConfiguredValue")
            .map_or_else(String::new, |value| value.text.clone()),
    });
    Ok(entries.collect())
}

fn table(
    place: &TablePlace,
    configuration: &Configuration,
    managers: &[&ConnectionManager],
    around: &Around<'_>,
) -> Result<Vec<Entry>, Remark> {
    let failed = |why: String| {
        let text = format!(
            "configuration `{}` could not be read from table {} over connection manager `{}`: {why}",
            configuration.name, place.table, place.connection
        );
        Remark::warning(NOT_LOADED, text)
    };
    let manager = managers.iter().find(|one| one.name == place.connection);
    let manager =
        manager.ok_or_else(|| failed("there is no such connection manager".to_owned()))?;
    let opened = (around.open)(manager);
    let mut connection = opened.map_err(|error| failed(error.explained()))?;
    rows(&mut *connection, place).map_err(|error| failed(error.explained()))
}

fn rows(
    connection: &mut dyn Connection,
    place: &TablePlace,
) -> Result<Vec<Entry>, ConnectionError> {
    let sql = format!(
        "SELECT PackagePath, ConfiguredValue FROM {} WHERE ConfigurationFilter = ?",
        place.table
    );
    let filter = [typed::text(&place.filter)];
    let mut reader = connection.query(&sql, &filter, BATCH_ROWS)?;
    let types: Vec<_> = reader
        .schema()
        .columns
        .iter()
        .map(|it| it.data_type)
        .collect();
    let mut entries = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        for row in 0..batch.num_rows() {
            let text = |at: usize| {
                let value = crate::value::TypedValue {
                    data_type: types[at],
                    value: value_at(batch.column(at).as_ref(), row, types[at]),
                };
                typed::shown(&value).unwrap_or_default()
            };
            entries.push(Entry {
                path: text(0),
                value: text(1),
            });
        }
    }
    Ok(entries)
}
