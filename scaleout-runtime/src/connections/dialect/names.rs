//! How names of a package become names of a database.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use super::column_kind::ColumnKind;
use crate::connections::TableName;

/// What a database calls the things that a package names.
pub trait Names {
    /// The parts of a table's real name; `None` leaves the name as written.
    fn table(&self, table: &TableName) -> Option<Vec<String>>;

    /// The real spelling of a column; `None` leaves it as written.
    fn column(&self, column: &str) -> Option<String>;

    /// The real spelling of a table in front of a column; `None` leaves it as written.
    fn qualifier(&self, _table: &str) -> Option<String> {
        None
    }

    /// The kind that all columns of that name have; `None` where they differ, and for other kinds.
    fn kind(&self, _column: &str) -> Option<ColumnKind> {
        None
    }

    /// Whether every column of that name holds text, so that `+` with it joins.
    fn is_text(&self, column: &str) -> bool {
        self.kind(column) == Some(ColumnKind::Text)
    }

    /// What a procedure is here; `None` when there is none of that name.
    fn procedure(&self, _procedure: &TableName) -> Option<Procedure> {
        None
    }

    /// An expression that is NULL when there is no such table or view.
    fn object_id(&self, table: &TableName) -> String;
}

/// What a database has by the name of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// The parts of its real name.
    pub parts: Vec<String>,
    /// It is a function, whose result is selected.
    pub is_function: bool,
}

/// Everything is called what the package calls it.
#[derive(Clone, Copy, Debug)]
pub struct AsWritten;

impl Names for AsWritten {
    fn table(&self, _: &TableName) -> Option<Vec<String>> {
        None
    }

    fn column(&self, _: &str) -> Option<String> {
        None
    }

    fn object_id(&self, _: &TableName) -> String {
        "NULL".to_owned()
    }
}

/// The table that a name in a statement means; `None` for more than three parts.
#[must_use]
pub fn name_of(name: &ObjectName) -> Option<TableName> {
    let mut parts: Vec<String> = Vec::new();
    for part in &name.0 {
        let ObjectNamePart::Identifier(ident) = part else {
            return None;
        };
        parts.push(ident.value.clone());
    }
    let table = parts.pop()?;
    let schema = parts.pop().filter(|schema| !schema.is_empty());
    let catalog = parts.pop().filter(|catalog| !catalog.is_empty());
    parts.is_empty().then_some(TableName {
        catalog,
        schema,
        table,
    })
}

/// A quoted name in a statement.
pub(super) fn object_name(parts: Vec<String>) -> ObjectName {
    let idents = parts.into_iter().map(|part| Ident::with_quote('"', part));
    ObjectName::from(idents.collect::<Vec<_>>())
}
