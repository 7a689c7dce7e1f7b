//! Columns of the data flow, and the custom properties that everything in it may have.

use super::pipeline::identity;
use crate::package::data_type::{DataType, Facets};
use crate::package::error::PackageError;
use crate::package::escape::decode_escapes;
use crate::package::node::Node;
use crate::package::pipeline::{Disposition, ExternalColumn, InputColumn, OutputColumn, Property};

/// Custom properties below a component, port or column.
pub(super) fn read_properties(node: Node<'_>) -> Vec<Property> {
    node.items("properties", "property")
        .map(read_property)
        .collect()
}

fn read_property(node: Node<'_>) -> Property {
    let escaped = node.element.attribute("state") == Some("escaped");
    let decoded = |text: &str| {
        if escaped {
            decode_escapes(text)
        } else {
            text.to_owned()
        }
    };
    let elements = node.items("arrayElements", "arrayElement");
    let flag = |name: &str| {
        node.element
            .attribute(name)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    };
    Property {
        name: node.text("name"),
        value: decoded(&node.element.text),
        array: elements.map(|item| decoded(&item.element.text)).collect(),
        contains_id: flag("containsID"),
        expression_allowed: node.element.attribute("expressionType") == Some("Notify"),
    }
}

/// An `…RowDisposition` attribute.
pub(super) fn read_disposition(node: Node<'_>, name: &str) -> Result<Disposition, PackageError> {
    node.choice(
        name,
        &[
            ("NotUsed", Disposition::NotUsed),
            ("IgnoreFailure", Disposition::IgnoreFailure),
            ("FailComponent", Disposition::FailComponent),
            ("RedirectRow", Disposition::RedirectRow),
        ],
    )
}

/// A column that an input uses.
pub(super) fn read_input_column(node: Node<'_>) -> Result<InputColumn, PackageError> {
    let cached_name = node.get("cachedName").or_else(|| node.get("name"));
    Ok(InputColumn {
        id: identity(node),
        lineage_id: node.text("lineageId"),
        name: cached_name.unwrap_or_default().to_owned(),
        data_type: read_data_type(node, &CACHED)?,
        read_write: node.get("usageType") == Some("readWrite"),
        external_id: read_external_id(node),
        error_row_disposition: read_disposition(node, "errorRowDisposition")?,
        truncation_row_disposition: read_disposition(node, "truncationRowDisposition")?,
        sort_key_position: match node.get("cachedSortKeyPosition") {
            Some(_) => node.number("cachedSortKeyPosition", 0)?,
            None => node.number("sortKeyPosition", 0)?,
        },
        properties: read_properties(node),
    })
}

/// A column of an output.
pub(super) fn read_output_column(node: Node<'_>) -> Result<OutputColumn, PackageError> {
    let id = identity(node);
    let lineage_id = node.get("lineageId").filter(|lineage| !lineage.is_empty());
    let data_type = read_data_type(node, &OWN)?;
    Ok(OutputColumn {
        lineage_id: lineage_id.map_or_else(|| id.clone(), str::to_owned),
        id,
        name: node.text("name"),
        data_type: data_type.ok_or_else(|| node.missing("`dataType`"))?,
        sort_key_position: node.number("sortKeyPosition", 0)?,
        comparison_flags: node.number("comparisonFlags", 0)?,
        special_flags: node.number("specialFlags", 0)?,
        error_row_disposition: read_disposition(node, "errorRowDisposition")?,
        truncation_row_disposition: read_disposition(node, "truncationRowDisposition")?,
        external_id: read_external_id(node),
        properties: read_properties(node),
    })
}

/// Formats 2 and 3 write 0 for a column that maps to none.
fn read_external_id(node: Node<'_>) -> String {
    let written = node.get("externalMetadataColumnId").filter(|id| *id != "0");
    written.unwrap_or_default().to_owned()
}

/// A column as the outside has it.
pub(super) fn read_external_column(node: Node<'_>) -> Result<ExternalColumn, PackageError> {
    Ok(ExternalColumn {
        id: identity(node),
        name: node.text("name"),
        data_type: read_data_type(node, &OWN)?,
        properties: read_properties(node),
    })
}

/// The attributes that hold a type: data type, length, precision, scale, code page.
type TypeAttributes = [&'static str; 5];

const OWN: TypeAttributes = ["dataType", "length", "precision", "scale", "codePage"];
const CACHED: TypeAttributes = [
    "cachedDataType",
    "cachedLength",
    "cachedPrecision",
    "cachedScale",
    "cachedCodepage",
];

fn read_data_type(
    node: Node<'_>,
    names: &TypeAttributes,
) -> Result<Option<DataType>, PackageError> {
    let [data_type, length, precision, scale, code_page] = names;
    let Some(word) = node
        .element
        .attribute(data_type)
        .filter(|word| !word.is_empty())
    else {
        return Ok(None);
    };
    let facets = Facets {
        length: node.number(length, 0)?,
        precision: node.number(precision, 0)?,
        scale: node.number(scale, 0)?,
        code_page: node.number(code_page, 0)?,
    };
    match DataType::from_column_word(word, facets) {
        Some(found) => Ok(Some(found)),
        None => Err(node.invalid(
            data_type,
            word,
            "the name of a data flow type, such as `wstr`",
        )),
    }
}
