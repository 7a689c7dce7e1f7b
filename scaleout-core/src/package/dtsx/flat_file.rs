//! Columns of a flat file connection manager.

use crate::package::data_type::{DataType, Facets};
use crate::package::error::PackageError;
use crate::package::escape::decode_escapes;
use crate::package::model::FlatFileColumn;
use crate::package::node::Node;

/// The columns of a body, in file order; none for other kinds of connection managers.
pub(super) fn read_flat_file_columns(
    body: Node<'_>,
    code_page: u32,
) -> Result<Vec<FlatFileColumn>, PackageError> {
    let columns = body.items("FlatFileColumns", "FlatFileColumn");
    columns
        .map(|column| read_column(column, code_page))
        .collect()
}

fn read_column(node: Node<'_>, code_page: u32) -> Result<FlatFileColumn, PackageError> {
    let maximum_width = node.number("MaximumWidth", 0)?;
    let facets = Facets {
        length: maximum_width,
        precision: node.number("DataPrecision", 0)?,
        scale: node.number("DataScale", 0)?,
        code_page,
    };
    let Some(written) = node.get("DataType") else {
        return Err(node.missing("`DataType`"));
    };
    let data_type = written
        .trim()
        .parse()
        .ok()
        .and_then(|number| DataType::from_number(number, facets));
    let data_type = data_type
        .ok_or_else(|| node.invalid("DataType", written, "the number of a data flow type"))?;
    Ok(FlatFileColumn {
        name: node.text("ObjectName"),
        delimited: node.get("ColumnType") == Some("Delimited"),
        delimiter: decode_escapes(node.get("ColumnDelimiter").unwrap_or_default()),
        width: node.number("ColumnWidth", 0)?,
        maximum_width,
        data_type,
        text_qualified: node.boolean("TextQualified", false)?,
    })
}
