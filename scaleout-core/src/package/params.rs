//! `Project.params`, and the parameters that manifests declare in the same shape.

use super::dtsx::hide_encrypted;
use super::error::PackageError;
use super::model::{Parameter, ReadNote};
use super::node::{Node, parse_boolean};
use super::xml;
use super::{PackagePassword, VariableType, protected};

/// Reads a `Project.params` file; `origin` names it in errors.
///
/// # Errors
///
/// When the file is not well-formed, is another kind of file, or has a
/// parameter without a name or with an unknown type.
pub fn read(bytes: &[u8], origin: &str) -> Result<Vec<Parameter>, PackageError> {
    read_with_notes(bytes, origin, None).map(|(parameters, _)| parameters)
}

/// The same, with a note for each value that could not be decrypted.
pub(crate) fn read_with_notes(
    bytes: &[u8],
    origin: &str,
    password: Option<&PackagePassword>,
) -> Result<(Vec<Parameter>, Vec<ReadNote>), PackageError> {
    let mut root = xml::read(bytes, origin)?;
    if let Some(password) = password {
        protected::open(&mut root, origin, password)?;
    }
    let notes = hide_encrypted(&mut root, "\\Project");
    let node = Node::new(origin, &root);
    if root.name != "Parameters" {
        return Err(PackageError::WrongKind {
            place: node.place(),
            expected: "a parameter file (root element `SSIS:Parameters`)",
        });
    }
    let parameters = read_parameters(node)?;
    Ok((parameters, notes))
}

/// The `Parameter` elements directly below a node.
pub(crate) fn read_parameters(node: Node<'_>) -> Result<Vec<Parameter>, PackageError> {
    node.children("Parameter").map(read_parameter).collect()
}

fn read_parameter(node: Node<'_>) -> Result<Parameter, PackageError> {
    let Some(name) = node
        .element
        .attribute("Name")
        .filter(|name| !name.is_empty())
    else {
        return Err(node.missing("`Name`"));
    };
    let Some(properties) = node.child("Properties") else {
        return Err(node.missing("`Properties`"));
    };
    let code = properties.get("DataType").unwrap_or("18");
    let data_type = VariableType::from_type_code(code).ok_or_else(|| {
        node.invalid(
            "DataType",
            code,
            "a TypeCode number such as 18, or a word such as `String`",
        )
    })?;
    let required = properties.boolean("Required", false)?;
    let values = properties
        .children("Property")
        .find(|child| child.get("Name") == Some("Value"));
    let value = values.map(|child| child.element.text.clone());
    let marked = values_marked_sensitive(values);
    let sensitive = properties.boolean("Sensitive", false)? || marked;
    Ok(Parameter {
        name: name.to_owned(),
        description: properties.text("Description"),
        value: settle_value(value, data_type, required, sensitive),
        data_type,
        required,
        sensitive,
    })
}

fn values_marked_sensitive(value: Option<Node<'_>>) -> bool {
    let mark = value.and_then(|value| value.element.attribute("Sensitive"));
    mark.and_then(parse_boolean).unwrap_or(false)
}

/// An absent value is an empty text, unless it is a secret, must be given, or cannot be empty.
fn settle_value(
    value: Option<String>,
    data_type: VariableType,
    required: bool,
    sensitive: bool,
) -> Option<String> {
    let value = value.unwrap_or_default();
    let may_be_empty = data_type == VariableType::String && !required && !sensitive;
    if value.is_empty() && !may_be_empty {
        return None;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(properties: &str) -> String {
        format!(
            "<SSIS:Parameters xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\"><SSIS:Parameter SSIS:Name=\"P\">\
             <SSIS:Properties>{properties}</SSIS:Properties></SSIS:Parameter></SSIS:Parameters>"
        )
    }

    fn property(name: &str, value: &str) -> String {
        format!("<SSIS:Property SSIS:Name=\"{name}\">{value}</SSIS:Property>")
    }

    fn one(properties: &[String]) -> Parameter {
        let text = file(&properties.concat());
        let mut parameters = read(text.as_bytes(), "Project.params").unwrap();
        assert_eq!(parameters.len(), 1);
        parameters.remove(0)
    }

    #[test]
    fn a_parameter_has_name_type_and_value() {
        let read = one(&[
            property("DataType", "9"),
            property("Value", "42"),
            property("Required", "0"),
        ]);
        assert_eq!(
            (read.name.as_str(), read.data_type),
            ("P", VariableType::Int32)
        );
        assert_eq!(read.value.as_deref(), Some("42"));
        assert!(!read.required && !read.sensitive);
    }

    #[test]
    fn layout_inside_an_empty_value_is_no_value() {
        let read = one(&[
            property("DataType", "String"),
            property("Value", "\n      "),
        ]);
        assert_eq!(read.value.as_deref(), Some(""));
        let read = one(&[property("DataType", "9"), property("Value", "\n      ")]);
        assert_eq!(read.value, None);
    }

    #[test]
    fn a_required_or_sensitive_parameter_without_value_has_none() {
        let read = one(&[property("DataType", "18"), property("Required", "1")]);
        assert_eq!(read.value, None);
        let read = one(&[property("DataType", "18"), property("Sensitive", "1")]);
        assert_eq!(read.value, None);
    }

    #[test]
    fn an_encrypted_value_is_left_out_with_a_note() {
        let value = "<SSIS:Property SSIS:Name=\"Value\" SSIS:Sensitive=\"1\" SSIS:Salt=\"x\">AAAA</SSIS:Property>";
        let text = file(
            &[
                property("DataType", "18"),
                property("Sensitive", "1"),
                value.to_owned(),
            ]
            .concat(),
        );
        let (parameters, notes) = read_with_notes(text.as_bytes(), "Project.params", None).unwrap();
        assert_eq!(parameters[0].value, None);
        assert!(parameters[0].sensitive);
        assert_eq!(notes.len(), 1);
        assert_eq!(
            notes[0].path,
            "\\Project.Variables[$Project::P].Properties[Value]"
        );
    }

    #[test]
    fn an_unknown_type_names_parameter_line_and_value() {
        let text = file(&property("DataType", "77"));
        let error = read(text.as_bytes(), "Project.params").unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("`77`")
                && message.contains("Parameter[P]")
                && message.contains("line 1"),
            "{message}"
        );
    }
}
