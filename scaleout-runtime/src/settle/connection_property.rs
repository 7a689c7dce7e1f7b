//! Properties of connection managers, and the parts of a connection string behind them.

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::connection_string::{ConnectionString, ConnectionStringError};

use super::error::PropertyError;
use super::value::PropertyValue;

/// Properties that are parts of the connection string, and the key that is written where
/// none that means the same is there.
const IN_CONNECTION_STRING: [(&str, &str); 4] = [
    ("ServerName", "Data Source"),
    ("InitialCatalog", "Initial Catalog"),
    ("UserName", "User ID"),
    ("Password", "Password"),
];

/// Sets a property of a connection manager.
///
/// # Errors
/// [`PropertyError`] when the name is empty, or the connection string cannot be read.
pub fn set(
    manager: &mut ConnectionManager,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let text = value.text();
    let keys = IN_CONNECTION_STRING
        .iter()
        .find(|(name, _)| *name == property);
    if let (Some((_, key)), true) = (keys, is_database(manager)) {
        let string = with_key(manager.connection_string(), key, text)
            .map_err(|error| PropertyError::not_accepted(property, error.to_string()))?;
        put(manager, "ConnectionString", &string);
        manager
            .sensitive_missing
            .retain(|missing| missing != property);
        return Ok(());
    }
    match property {
        "" => {
            return Err(PropertyError::Unknown {
                object: format!("connection manager `{}`", manager.name),
                property: property.to_owned(),
            });
        }
        "Name" => text.clone_into(&mut manager.name),
        "Description" => text.clone_into(&mut manager.description),
        "DelayValidation" => manager.delay_validation = value.boolean(property)?,
        "RetainSameConnection" => {
            let retain = if value.boolean(property)? {
                "True"
            } else {
                "False"
            };
            put(manager, "Retain", retain);
        }
        _ => put(manager, property, text),
    }
    manager
        .sensitive_missing
        .retain(|missing| missing != property);
    Ok(())
}

fn put(manager: &mut ConnectionManager, property: &str, text: &str) {
    let properties = &mut manager.properties;
    properties.insert(property.to_owned(), text.to_owned());
}

fn is_database(manager: &ConnectionManager) -> bool {
    let kind = manager.creation_name.as_str();
    kind == "OLEDB" || kind == "ODBC" || kind.starts_with("ADO")
}

/// The connection string with one key set. It goes to the driver, so it keeps its secrets.
fn with_key(string: &str, key: &str, value: &str) -> Result<String, ConnectionStringError> {
    let mut parsed = ConnectionString::parse(string)?;
    parsed.set(key, value);
    Ok(parsed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_replaced_under_the_name_it_has() {
        let changed = with_key("server=a;Database=d;", "Data Source", "b").unwrap();
        assert!(changed.starts_with("server=b;"), "{changed}");
        let added = with_key("Database=d", "Data Source", "b").unwrap();
        assert!(added.contains("Data Source=b"), "{added}");
    }
}
