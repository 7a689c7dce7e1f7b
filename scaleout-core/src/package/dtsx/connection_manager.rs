//! Connection managers of packages and projects.

use std::collections::BTreeMap;

use super::executable::read_property_expressions;
use super::flat_file::read_flat_file_columns;
use crate::package::error::PackageError;
use crate::package::escape::decode_escapes;
use crate::package::model::ConnectionManager;
use crate::package::node::{Node, parse_boolean};
use crate::package::xml::Element;

/// Properties that are written with `_xHHHH_` escapes.
const ESCAPED: [&str; 3] = ["HeaderRowDelimiter", "RowDelimiter", "TextQualifier"];

/// A connection manager, in a package or as the root of a `.conmgr`.
pub(crate) fn read_connection_manager(node: Node<'_>) -> Result<ConnectionManager, PackageError> {
    let name = node.text("ObjectName");
    let written_ref_id = node.get("refId").filter(|ref_id| !ref_id.is_empty());
    let ref_id = match written_ref_id {
        Some(ref_id) => ref_id.to_owned(),
        None => format!("Package.ConnectionManagers[{name}]"),
    };
    let data = node
        .child("ObjectData")
        .and_then(|data| data.element.children.first());
    let data = data.cloned().unwrap_or_default();
    let body = Node::new(node.origin, &data);
    let mut collected = Collected::default();
    collected.add(&data);
    let flat_file_columns = read_flat_file_columns(body, collected.code_page())?;
    Ok(ConnectionManager {
        ref_id,
        id: node.text("DTSID"),
        name,
        description: node.text("Description"),
        creation_name: node.text("CreationName"),
        delay_validation: node.boolean("DelayValidation", false)?,
        property_expressions: read_property_expressions(node),
        properties: collected.properties,
        sensitive_missing: collected.missing,
        flat_file_columns,
        data,
    })
}

/// What a body says, flattened.
#[derive(Default)]
struct Collected {
    properties: BTreeMap<String, String>,
    missing: Vec<String>,
}

impl Collected {
    /// Attributes and named values of a body; bodies of FTP and HTTP keep theirs one level down.
    fn add(&mut self, body: &Element) {
        for (name, value) in &body.attributes {
            self.put(name, value);
        }
        for child in &body.children {
            match child.name.as_str() {
                "Property" => self.add_value(child, child.attribute("Name").unwrap_or_default()),
                "Password" | "EncryptedData" => self.add_value(child, "Password"),
                "FtpConnection" | "HttpConnection" => self.add(child),
                "FlatFileColumns" | "FlatFileColumn" | "CacheColumns" | "CacheColumn" => {}
                name if child.children.is_empty() => self.add_value(child, name),
                _ => {}
            }
        }
    }

    fn add_value(&mut self, element: &Element, name: &str) {
        let sensitive = element.attribute("Sensitive").and_then(parse_boolean) == Some(true);
        let encrypted = element.name == "EncryptedData";
        if (sensitive || encrypted) && element.text.is_empty() {
            self.missing.push(name.to_owned());
        } else {
            self.put(name, &element.text);
        }
    }

    fn put(&mut self, name: &str, value: &str) {
        let mut value = if ESCAPED.contains(&name) {
            decode_escapes(value)
        } else {
            value.to_owned()
        };
        if name == "TextQualifier" && value == "<none>" {
            value.clear();
        }
        self.properties.insert(name.to_owned(), value);
    }

    fn code_page(&self) -> u32 {
        let written = self.properties.get("CodePage");
        written
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(1252)
    }
}
