//! Columns of a Cache connection manager.

use super::data_type::{DataType, Facets};
use super::error::PackageError;
use super::model::ConnectionManager;
use super::node::Node;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheColumn {
    /// `ObjectName`.
    pub name: String,
    /// `DataType` with its facets.
    pub data_type: DataType,
    /// `IndexPosition`: its place in the key that rows are found by, from 1; 0 when it has none.
    pub index_position: u32,
}

/// The columns in file order; none for other kinds of connection managers.
///
/// # Errors
/// A column without a type, or with one that does not exist.
pub fn cache_columns(manager: &ConnectionManager) -> Result<Vec<CacheColumn>, PackageError> {
    let body = Node::new(&manager.name, &manager.data);
    body.items("CacheColumns", "CacheColumn")
        .map(read_column)
        .collect()
}

fn read_column(node: Node<'_>) -> Result<CacheColumn, PackageError> {
    let facets = Facets {
        length: node.number("Length", 0)?,
        precision: node.number("Precision", 0)?,
        scale: node.number("Scale", 0)?,
        code_page: node.number("CodePage", 1252)?,
    };
    let Some(written) = node.get("DataType") else {
        return Err(node.missing("`DataType`"));
    };
    let number = written.trim().parse().ok();
    let data_type = number.and_then(|number| DataType::from_number(number, facets));
    let data_type = data_type
        .ok_or_else(|| node.invalid("DataType", written, "the number of a data flow type"))?;
    Ok(CacheColumn {
        name: node.text("ObjectName"),
        data_type,
        index_position: node.number("IndexPosition", 0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::xml::Element;

    fn element(name: &str, attributes: &[(&str, &str)], children: Vec<Element>) -> Element {
        let pairs = attributes.iter();
        Element {
            name: name.to_owned(),
            attributes: pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            children,
            text: String::new(),
            line: 1,
        }
    }

    fn manager(columns: Vec<Element>) -> ConnectionManager {
        ConnectionManager {
            ref_id: String::new(),
            id: String::new(),
            name: "People".to_owned(),
            description: String::new(),
            creation_name: "CACHE".to_owned(),
            delay_validation: false,
            property_expressions: Vec::new(),
            properties: std::collections::BTreeMap::new(),
            sensitive_missing: Vec::new(),
            flat_file_columns: Vec::new(),
            data: element(
                "ConnectionManager",
                &[],
                vec![element("CacheColumns", &[], columns)],
            ),
        }
    }

    #[test]
    fn types_facets_and_the_index_are_read() {
        let columns = vec![
            element(
                "CacheColumn",
                &[
                    ("DataType", "130"),
                    ("Length", "256"),
                    ("IndexPosition", "1"),
                    ("ObjectName", "Name"),
                ],
                Vec::new(),
            ),
            element(
                "CacheColumn",
                &[("DataType", "3"), ("ObjectName", "Id")],
                Vec::new(),
            ),
        ];
        let read = cache_columns(&manager(columns)).unwrap();
        let column = |name: &str, data_type, index_position| CacheColumn {
            name: name.to_owned(),
            data_type,
            index_position,
        };
        let expected = [
            column("Name", DataType::Wstr { length: 256 }, 1),
            column("Id", DataType::I4, 0),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_column_without_a_type_is_an_error() {
        let columns = vec![element("CacheColumn", &[("ObjectName", "Id")], Vec::new())];
        assert!(cache_columns(&manager(columns)).is_err());
    }
}
