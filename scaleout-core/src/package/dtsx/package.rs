//! The root of a package: what only a package has.

use super::configuration::read_configuration;
use super::connection_manager::read_connection_manager;
use super::executable::read_root;
use super::logging::read_log_provider;
use super::sensitive::hide_encrypted;
use crate::package::error::PackageError;
use crate::package::model::{Package, Parameter, ProtectionLevel, ReadNote};
use crate::package::node::{Node, parse_boolean};
use crate::package::xml::{self, Element};
use crate::package::{PackagePassword, VariableType, protected};

/// Reads a `.dtsx` file of format 2, 3, 6 or 8; `origin` names it in errors.
///
/// Values that only another machine's key can open are dropped, each with a note.
///
/// # Errors
///
/// When the file is not well-formed, is another kind of file, is encrypted as a
/// whole, or has a value that its property cannot have.
pub fn read(bytes: &[u8], origin: &str) -> Result<Package, PackageError> {
    read_with_password(bytes, origin, None)
}

/// The same for a file that may be encrypted with this password, as a whole or value by value.
///
/// # Errors
///
/// Those of [`read`], and when the password does not open it.
pub fn read_with_password(
    bytes: &[u8],
    origin: &str,
    password: Option<&PackagePassword>,
) -> Result<Package, PackageError> {
    let mut root = xml::read(bytes, origin)?;
    if let Some(password) = password {
        protected::open(&mut root, origin, password)?;
    }
    check_kind(Node::new(origin, &root))?;
    let notes = hide_encrypted(&mut root, "\\Package");
    read_package(Node::new(origin, &root), notes)
}

fn check_kind(root: Node<'_>) -> Result<(), PackageError> {
    // Level 2 replaces single elements in the same way: those are left out later.
    let level = root
        .get("ProtectionLevel")
        .and_then(ProtectionLevel::from_text);
    let sensitive_only = level == Some(ProtectionLevel::EncryptSensitiveWithPassword);
    let replaced = root.child("EncryptedData").is_some();
    let encrypted = root.element.name == "EncryptedData" || (replaced && !sensitive_only);
    if encrypted {
        // Salt is there for a password only.
        let unsaid = match root.element.attribute("Salt") {
            Some(_) => "3",
            None => "3 or 4",
        };
        return Err(PackageError::Encrypted {
            place: root.place(),
            level: root.get("ProtectionLevel").unwrap_or(unsaid).to_owned(),
        });
    }
    if root.element.name != "Executable" {
        return Err(PackageError::WrongKind {
            place: root.place(),
            expected: "an SSIS package (root element `DTS:Executable`)",
        });
    }
    Ok(())
}

fn read_package(root: Node<'_>, notes: Vec<ReadNote>) -> Result<Package, PackageError> {
    let package = Package {
        format_version: read_format_version(root)?,
        root: read_root(root)?,
        protection_level: read_protection_level(root)?,
        connection_managers: root
            .items("ConnectionManagers", "ConnectionManager")
            .map(read_connection_manager)
            .collect::<Result<_, _>>()?,
        parameters: root
            .items("PackageParameters", "PackageParameter")
            .map(read_parameter)
            .collect::<Result<_, _>>()?,
        log_providers: root
            .items("LogProviders", "LogProvider")
            .map(read_log_provider)
            .collect(),
        configurations_enabled: root.boolean("EnableConfig", false)?,
        configurations: root
            .items("Configurations", "Configuration")
            .map(read_configuration)
            .collect::<Result<_, _>>()?,
        version: (
            root.number("VersionMajor", 1)?,
            root.number("VersionMinor", 0)?,
            root.number("VersionBuild", 0)?,
        ),
        version_comments: root.text("VersionComments"),
        version_guid: root.text("VersionGUID"),
        creation_date: root.text("CreationDate"),
        creator_name: root.text("CreatorName"),
        creator_computer_name: root.text("CreatorComputerName"),
        max_concurrent_executables: root.number("MaxConcurrentExecutables", -1)?,
        notes,
    };
    Ok(package)
}

fn read_format_version(root: Node<'_>) -> Result<u8, PackageError> {
    let Some(version) = root.get("PackageFormatVersion") else {
        return Err(root.missing("property `PackageFormatVersion`"));
    };
    match version.trim() {
        "2" => Ok(2),
        "3" => Ok(3),
        "6" => Ok(6),
        "8" => Ok(8),
        _ => Err(PackageError::UnknownFormat {
            place: root.place(),
            version: version.chars().take(20).collect(),
        }),
    }
}

/// A number in packages, a word in projects; the words are accepted here too.
fn read_protection_level(root: Node<'_>) -> Result<ProtectionLevel, PackageError> {
    let Some(written) = root.get("ProtectionLevel") else {
        return Ok(ProtectionLevel::default());
    };
    ProtectionLevel::from_text(written)
        .ok_or_else(|| root.invalid("ProtectionLevel", written, "a number from 0 to 5"))
}

fn read_parameter(node: Node<'_>) -> Result<Parameter, PackageError> {
    let written = node.get("DataType").unwrap_or("8");
    let data_type = written
        .trim()
        .parse()
        .ok()
        .and_then(VariableType::from_vartype);
    let data_type = data_type.or_else(|| VariableType::from_word(written.trim()));
    let data_type =
        data_type.ok_or_else(|| node.invalid("DataType", written, "a VARTYPE number"))?;
    let value_element = parameter_value(node.element);
    let sensitive =
        node.boolean("Sensitive", false)? || value_element.is_some_and(is_marked_sensitive);
    let written = value_element.map(|element| element.text.clone());
    let text = written.or_else(|| node.element.attribute("ParameterValue").map(str::to_owned));
    let value = text.filter(|text| !(sensitive && text.is_empty()));
    Ok(Parameter {
        name: node.text("ObjectName"),
        description: node.text("Description"),
        value,
        data_type,
        required: node.boolean("Required", false)?,
        sensitive,
    })
}

fn parameter_value(parameter: &Element) -> Option<&Element> {
    let mut properties = parameter.children_named("Property");
    properties.find(|property| property.attribute("Name") == Some("ParameterValue"))
}

fn is_marked_sensitive(element: &Element) -> bool {
    let mark = element.attribute("Sensitive").and_then(parse_boolean);
    mark.unwrap_or(false)
}
