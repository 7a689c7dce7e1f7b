//! What a schema rowset is, and which of its rows are wanted.

use scaleout_core::package::xml::Element as Xml;

use super::rowsets;
use crate::connections::Dialect;

/// A schema rowset.
pub(super) struct Rowset {
    /// That of `OleDbSchemaGuid`.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// All columns, in the order of OLE DB.
    pub(super) columns: &'static [&'static str],
    /// The columns that restrictions mean, by the numbers of the restrictions.
    pub(super) restrictions: &'static [&'static str],
    /// The columns that its rows are sorted by.
    pub(super) order: &'static [&'static str],
    /// The query that gives the columns that PostgreSQL knows something of, by their names; `None`
    /// where it has nothing of the kind.
    pub(super) postgres: Option<&'static str>,
    /// The same of SQLite.
    pub(super) sqlite: Option<&'static str>,
    /// The same of SQL Server.
    pub(super) sql_server: Option<&'static str>,
}

impl Rowset {
    pub(super) fn query(&self, dialect: Dialect) -> Option<&'static str> {
        match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.sqlite,
            Dialect::SqlServer => self.sql_server,
            Dialect::Odbc => None,
        }
    }

    pub(super) fn column(&self, name: &str) -> Option<usize> {
        let mut columns = self.columns.iter();
        columns.position(|column| column.eq_ignore_ascii_case(name))
    }
}

/// A column that is restricted, with what it has to be.
pub(super) struct Restriction {
    column: usize,
    value: String,
}

impl Restriction {
    /// OLE DB calls a base table `TABLE`; other interfaces call it `BASE TABLE`.
    pub(super) fn holds(&self, row: &[String]) -> bool {
        let wanted = match self.value.as_str() {
            "BASE TABLE" => "TABLE",
            other => other,
        };
        let found = row.get(self.column);
        found.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    }
}

/// Rowsets that no database here has anything for, and what only a provider of Windows knows.
const REFUSED: [(&str, &str); 6] = [
    ("c8b52226-5cf3-11ce-ade5-00aa0044773d", "Sql_Languages"),
    ("c8b5222a-5cf3-11ce-ade5-00aa0044773d", "Translations"),
    ("c8b522ff-5cf3-11ce-ade5-00aa0044773d", "Table_Statistics"),
    ("f3264c9b-1860-4dfe-b71b-2961b2ea91bd", "SchemaGuids"),
    ("f3264c9c-1860-4dfe-b71b-2961b2ea91bd", "DbInfoKeywords"),
    ("f3264c9d-1860-4dfe-b71b-2961b2ea91bd", "DbInfoLiterals"),
];

/// The rowset that the settings name.
///
/// # Errors
/// It is none of those known.
pub(super) fn rowset(data: &Xml) -> Result<&'static Rowset, String> {
    let written = data.attribute("Schema").unwrap_or_default().trim();
    let id = written.trim_matches(['{', '}']).to_lowercase();
    let found = rowsets::all().find(|one| one.id == id);
    found.ok_or_else(|| {
        let known: Vec<&str> = rowsets::all().map(|one| one.name).collect();
        let refused = REFUSED.iter().find(|(refused, _)| *refused == id);
        let written = refused.map_or(written, |(_, name)| name);
        format!(
            "schema rowset `{written}` is not supported; {} are. Let a query of the database's \
             catalog fill an Object variable, and go over that with the Foreach ADO enumerator",
            known.join(", ")
        )
    })
}

/// The restrictions that the settings make; an empty one does not count.
///
/// # Errors
/// The number of a restriction is none of the rowset.
pub(super) fn restrictions(data: &Xml, rowset: &Rowset) -> Result<Vec<Restriction>, String> {
    let mut found = Vec::new();
    for restriction in data.children_named("Restriction") {
        let text = |name| restriction.attribute(name).unwrap_or_default().trim();
        let at = text("Index").parse().ok();
        let column = at.and_then(|at: usize| rowset.restrictions.get(at));
        let column = column.and_then(|name| rowset.column(name)).ok_or_else(|| {
            let (index, name) = (text("Index"), rowset.name);
            format!("restriction `{index}` is none of the schema rowset {name}")
        })?;
        if !text("Value").is_empty() {
            let value = text("Value").to_owned();
            found.push(Restriction { column, value });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rowset_is_known_by_one_id_and_names_its_own_columns() {
        let ids: BTreeSet<&str> = rowsets::all().map(|rowset| rowset.id).collect();
        assert_eq!(ids.len(), rowsets::all().count());
        for rowset in rowsets::all() {
            assert_eq!(rowset.id, rowset.id.to_lowercase());
            let columns: BTreeSet<&&str> = rowset.columns.iter().collect();
            assert_eq!(columns.len(), rowset.columns.len(), "{}", rowset.name);
            for named in rowset.restrictions.iter().chain(rowset.order) {
                assert!(rowset.column(named).is_some(), "{}: {named}", rowset.name);
            }
        }
    }
}
