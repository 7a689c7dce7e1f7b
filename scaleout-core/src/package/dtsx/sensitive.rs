//! Encrypted values: taken out before anything reads them, each with a note.
//!
//! A user key (DPAPI) can be opened on the author's machine only; what a password
//! opens was opened before, where one was given. The element stays, so that readers
//! still see that a value belongs there.

use crate::package::model::ReadNote;
use crate::package::node::parse_boolean;
use crate::package::xml::Element;

/// Stable code of the note on a value that no password opens.
const CODE: &str = "SO2010";
/// The same for a value that the password of the project opens.
const PASSWORD_CODE: &str = "SO2052";
/// How every base64 text of a DPAPI blob begins.
const USER_KEY_PREFIX: &str = "AQAAANCMnd8";

/// Empties every encrypted value below `root`, whose property path is `path`, and names each of them.
pub(crate) fn hide_encrypted(root: &mut Element, path: &str) -> Vec<ReadNote> {
    let mut notes = Vec::new();
    hide_below(root, path, &mut notes);
    notes
}

fn hide_below(owner: &mut Element, path: &str, notes: &mut Vec<ReadNote>) {
    for child in &mut owner.children {
        if is_encrypted(child) {
            let path = format!("{path}.Properties[{}]", property_name(child));
            let by_password = child.attribute("Salt").is_some();
            child.text.clear();
            child.children.clear();
            notes.push(note(path, by_password));
            continue;
        }
        match path_of(child, path) {
            Some(own) => hide_below(child, &own, notes),
            None => hide_below(child, path, notes),
        }
    }
}

/// Marked as encrypted, the placeholder of a password-encrypted element, or a
/// user key's blob in an element that is marked as sensitive only.
fn is_encrypted(element: &Element) -> bool {
    let marked = |name: &str| element.attribute(name).and_then(parse_boolean) == Some(true);
    element.name == "EncryptedData"
        || marked("Encrypted")
        || (marked("Sensitive") && element.text.trim_start().starts_with(USER_KEY_PREFIX))
        || (marked("Sensitive") && element.attribute("Salt").is_some())
}

fn property_name(element: &Element) -> &str {
    match element.name.as_str() {
        "EncryptedData" => "Password",
        name => element.attribute("Name").unwrap_or(name),
    }
}

/// The property path of an element that property paths know, names as in the designer.
fn path_of(element: &Element, parent: &str) -> Option<String> {
    if element.name == "Parameter" {
        let name = element.attribute("Name")?;
        return Some(format!("{parent}.Variables[$Project::{name}]"));
    }
    let named = element
        .attribute("ObjectName")
        .or_else(|| element.property_child("ObjectName"));
    let name = named?;
    match element.name.as_str() {
        "Executable" => Some(format!("{parent}\\{name}")),
        "EventHandler" => Some(format!("{parent}.EventHandlers[{name}]")),
        "ConnectionManager" => Some(format!("{parent}.Connections[{name}]")),
        "PackageParameter" => Some(format!("{parent}.Variables[$Package::{name}]")),
        "Variable" => Some(format!("{parent}.Variables[{name}]")),
        _ => None,
    }
}

fn note(path: String, by_password: bool) -> ReadNote {
    let key = if by_password {
        "a password that was not given (`--package-password-file`)"
    } else {
        "a key that this machine does not have"
    };
    let message = format!(
        "the value of `{path}` is encrypted with {key}, and is left out; \
         give it by a parameter, a property override or an expression"
    );
    ReadNote {
        code: if by_password { PASSWORD_CODE } else { CODE },
        path,
        message,
    }
}
