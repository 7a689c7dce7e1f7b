//! A connection manager for tests.

use std::collections::BTreeMap;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::xml::Element;

/// A connection manager `db` of that type.
pub(crate) fn manager(creation_name: &str, connection_string: &str) -> ConnectionManager {
    let string = ("ConnectionString".to_owned(), connection_string.to_owned());
    ConnectionManager {
        ref_id: "Package.ConnectionManagers[db]".to_owned(),
        id: "{00000000-0000-0000-0000-000000000001}".to_owned(),
        name: "db".to_owned(),
        description: String::new(),
        creation_name: creation_name.to_owned(),
        delay_validation: false,
        property_expressions: Vec::new(),
        properties: BTreeMap::from([string]),
        sensitive_missing: Vec::new(),
        flat_file_columns: Vec::new(),
        data: Element::default(),
    }
}
