//! What all components share: their connection, their properties, their messages.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use scaleout_core::error::Explain;
use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::Component;

use crate::connections::target::target;
use crate::connections::{Connection, ConnectionError, TableName};
use crate::data_flow::codes::WRONG_PROPERTY;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::graph::component_path;
use crate::events::Message;
use crate::services::{ConnectionLease, Services};
use crate::validation::Problem;
use crate::value::Value;

/// A table cannot be opened.
pub(super) const NO_TABLE: u32 = 0xC020_20E8;
/// A table cannot be opened for fast load.
pub(super) const NO_FAST_TABLE: u32 = 0xC020_2040;
/// A column is not there.
pub(super) const NO_COLUMN: u32 = 0xC020_2005;
/// A value had an error with a column.
pub(super) const COLUMN_STATUS: u32 = 0xC020_901C;

/// The references of the component's connection, in the order in which they count.
fn references(component: &Component) -> Vec<&str> {
    const NAMES: [&str; 3] = ["OleDbConnection", "IDbConnection", "ODBCConnection"];
    let connections = &component.connections;
    let named = connections
        .iter()
        .find(|connection| NAMES.contains(&connection.name.as_str()));
    let Some(connection) = named.or(connections.first()) else {
        return Vec::new();
    };
    [&connection.manager_id, &connection.manager_ref_id]
        .into_iter()
        .map(String::as_str)
        .filter(|reference| !reference.is_empty())
        .collect()
}

/// The reference under which the connection manager is found, and the connection manager.
pub(super) fn manager(
    component: &Component,
    services: &Services,
) -> Result<(String, Arc<ConnectionManager>), ConnectionError> {
    let mut failed = ConnectionError::Unknown {
        reference: String::new(),
    };
    for reference in references(component) {
        match services.connections.resolve(reference) {
            Ok(manager) => {
                target(&manager, &services.settings)?;
                return Ok((reference.to_owned(), manager));
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// A failure of this component.
pub(super) fn failure(component: &str, code: u32, text: impl Into<String>) -> ComponentError {
    let message = Message {
        subcomponent: Some(component.to_owned()),
        ..Message::new(code, text)
    };
    ComponentError::Failed(Box::new(message))
}

/// The problem of a connection that cannot be used.
pub(super) fn connection_problem(
    component: &Component,
    cx: &BuildContext<'_>,
    error: &ConnectionError,
) -> Problem {
    let path = component_path(cx.task_path, component);
    let text = error.explained();
    Problem::error(error.code(), &path, &component.component_type, text)
}

/// The problem of a property that cannot be used.
pub(super) fn property_problem(
    component: &Component,
    cx: &BuildContext<'_>,
    text: &str,
) -> Problem {
    let path = component_path(cx.task_path, component);
    Problem::error(WRONG_PROPERTY, &path, &component.component_type, text)
}

/// Locks a lease. A thread that panicked with it has left nothing half-done that a statement
/// would not report itself.
pub(super) fn lock(lease: &ConnectionLease) -> MutexGuard<'_, Box<dyn Connection>> {
    lease.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Text of a property, empty when absent.
pub(super) fn text<'a>(component: &'a Component, name: &str) -> &'a str {
    component.property(name).unwrap_or_default()
}

/// Whether a property says yes.
pub(super) fn flag(component: &Component, name: &str) -> bool {
    flag_or(component, name, false)
}

/// Whether a property says yes, or the default when it is absent or empty.
pub(super) fn flag_or(component: &Component, name: &str, default: bool) -> bool {
    match text(component, name).trim() {
        "" => default,
        text => text.eq_ignore_ascii_case("true") || text == "1" || text == "-1",
    }
}

/// A time-out in seconds, of which 0 is none.
pub(super) fn seconds(
    component: &Component,
    name: &str,
    default: i64,
) -> Result<Option<Duration>, String> {
    let seconds = u64::try_from(number(component, name, default)?).unwrap_or(0);
    Ok((0 < seconds).then(|| Duration::from_secs(seconds)))
}

/// A number, or the default when the property is absent or empty.
pub(super) fn number(component: &Component, name: &str, default: i64) -> Result<i64, String> {
    match text(component, name).trim() {
        "" => Ok(default),
        text => text
            .parse()
            .map_err(|_| format!("property `{name}` is `{text}`, which is no number")),
    }
}

/// The table that a property or a variable names.
pub(super) fn table(name: &str, place: &str) -> Result<TableName, String> {
    TableName::parse(name).map_err(|error| format!("{place}: {error}"))
}

/// Text of a variable that a property names.
pub(super) fn variable_text(
    component: &Component,
    property: &str,
    services: &Services,
) -> Result<String, String> {
    let name = text(component, property);
    let value = services.variables.get(name);
    let value = value.map_err(|error| format!("property `{property}`: {error}"))?;
    match value.value {
        Value::Str(text) => Ok(text.as_ref().to_owned()),
        Value::Null => Ok(String::new()),
        _ => Err(format!(
            "variable `{name}`, named by `{property}`, is no text"
        )),
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::package::pipeline::Property;

    use super::*;
    use crate::data_flow::testing::pipelines::source;

    #[test]
    fn a_time_limit_of_0_is_none_also_where_the_default_is_one() {
        let limit = |text: &str| {
            let mut component = source("s");
            component.properties.push(Property {
                name: "CommandTimeout".to_owned(),
                value: text.to_owned(),
                ..Property::default()
            });
            seconds(&component, "CommandTimeout", 30)
        };
        let thirty = Some(Duration::from_secs(30));
        assert_eq!((limit(""), limit("0")), (Ok(thirty), Ok(None)));
        assert_eq!(limit("5"), Ok(Some(Duration::from_secs(5))));
        assert!(limit("soon").unwrap_err().contains("`soon`"));
    }
}
