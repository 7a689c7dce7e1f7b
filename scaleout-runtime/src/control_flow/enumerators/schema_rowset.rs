//! Foreach ADO.NET Schema Rowset: what a database says of itself, such as its tables.

use std::sync::PoisonError;

use scaleout_core::package::xml::Element as Xml;

use super::kinds::{Element, Enumerator};
use crate::connections::{Connection, ConnectionError, Dialect};
use crate::convert::value_at;
use crate::services::Services;
use crate::value::TypedValue;
use crate::variables::typed;

pub(super) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachSchemaRowsetEnumerator",
    enumerate,
    check,
    set,
};

/// Rows that are asked for at a time.
const BATCH_ROWS: usize = 1000;

/// A schema rowset: its GUID, its name, and the columns that restrictions count from.
struct Rowset {
    id: &'static str,
    name: &'static str,
    /// Names as OLE DB and `INFORMATION_SCHEMA` have them, restrictions first.
    columns: &'static [&'static str],
    /// How many of them may be restricted.
    restrictions: usize,
    view: &'static str,
    /// The same of PostgreSQL, where it is another.
    postgres: Option<&'static str>,
    /// The same of SQLite, which has no such views.
    sqlite: &'static str,
}

/// The ids are those of `OleDbSchemaGuid`.
const ROWSETS: [Rowset; 7] = [
    Rowset {
        id: "c8b52229-5cf3-11ce-ade5-00aa0044773d",
        name: "Tables",
        columns: &["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE"],
        restrictions: 4,
        view: "INFORMATION_SCHEMA.TABLES",
        postgres: None,
        sqlite: "SELECT '' AS TABLE_CATALOG, 'dbo' AS TABLE_SCHEMA, name AS TABLE_NAME, \
            CASE type WHEN 'view' THEN 'VIEW' ELSE 'BASE TABLE' END AS TABLE_TYPE \
            FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'",
    },
    Rowset {
        id: "c8b5222d-5cf3-11ce-ade5-00aa0044773d",
        name: "Views",
        columns: &["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME"],
        restrictions: 3,
        view: "INFORMATION_SCHEMA.VIEWS",
        postgres: None,
        sqlite: "SELECT '' AS TABLE_CATALOG, 'dbo' AS TABLE_SCHEMA, name AS TABLE_NAME \
            FROM sqlite_master WHERE type = 'view'",
    },
    Rowset {
        id: "c8b52214-5cf3-11ce-ade5-00aa0044773d",
        name: "Columns",
        columns: &["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME"],
        restrictions: 4,
        view: "INFORMATION_SCHEMA.COLUMNS",
        postgres: None,
        sqlite: "SELECT '' AS TABLE_CATALOG, 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME, \
            c.name AS COLUMN_NAME FROM sqlite_master m JOIN pragma_table_info(m.name) c \
            WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite%'",
    },
    Rowset {
        id: "c8b52211-5cf3-11ce-ade5-00aa0044773d",
        name: "Catalogs",
        columns: &["CATALOG_NAME"],
        restrictions: 1,
        view: "(SELECT name AS CATALOG_NAME FROM sys.databases) c",
        postgres: Some(
            "(SELECT datname AS CATALOG_NAME FROM pg_database WHERE NOT datistemplate) c",
        ),
        sqlite: "SELECT name AS CATALOG_NAME FROM pragma_database_list",
    },
    Rowset {
        id: "c8b52225-5cf3-11ce-ade5-00aa0044773d",
        name: "Schemata",
        columns: &["CATALOG_NAME", "SCHEMA_NAME", "SCHEMA_OWNER"],
        restrictions: 3,
        view: "INFORMATION_SCHEMA.SCHEMATA",
        postgres: None,
        sqlite: "SELECT '' AS CATALOG_NAME, 'dbo' AS SCHEMA_NAME, 'dbo' AS SCHEMA_OWNER",
    },
    Rowset {
        id: "c8b52224-5cf3-11ce-ade5-00aa0044773d",
        name: "Procedures",
        columns: &[
            "PROCEDURE_CATALOG",
            "PROCEDURE_SCHEMA",
            "PROCEDURE_NAME",
            "PROCEDURE_TYPE",
        ],
        restrictions: 4,
        view: "(SELECT ROUTINE_CATALOG AS PROCEDURE_CATALOG, ROUTINE_SCHEMA AS PROCEDURE_SCHEMA, \
            ROUTINE_NAME AS PROCEDURE_NAME, ROUTINE_TYPE AS PROCEDURE_TYPE \
            FROM INFORMATION_SCHEMA.ROUTINES \
            WHERE ROUTINE_SCHEMA NOT IN ('pg_catalog', 'information_schema')) r",
        postgres: None,
        // It has none.
        sqlite: "SELECT '' AS PROCEDURE_CATALOG, 'dbo' AS PROCEDURE_SCHEMA, \
            '' AS PROCEDURE_NAME, '' AS PROCEDURE_TYPE WHERE 1 = 0",
    },
    Rowset {
        id: "c8b522c5-5cf3-11ce-ade5-00aa0044773d",
        name: "Primary_Keys",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "COLUMN_GUID",
            "COLUMN_PROPID",
            "ORDINAL",
            "PK_NAME",
        ],
        restrictions: 3,
        view: "(SELECT t.TABLE_CATALOG, t.TABLE_SCHEMA, t.TABLE_NAME, k.COLUMN_NAME, \
            '' AS COLUMN_GUID, '' AS COLUMN_PROPID, k.ORDINAL_POSITION AS ORDINAL, \
            t.CONSTRAINT_NAME AS PK_NAME \
            FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS t \
            JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE k \
            ON k.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = t.CONSTRAINT_NAME \
            AND k.TABLE_NAME = t.TABLE_NAME WHERE t.CONSTRAINT_TYPE = 'PRIMARY KEY' \
            AND t.TABLE_SCHEMA <> 'pg_catalog') p",
        postgres: None,
        sqlite: "SELECT '' AS TABLE_CATALOG, 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME, \
            c.name AS COLUMN_NAME, '' AS COLUMN_GUID, '' AS COLUMN_PROPID, c.pk AS ORDINAL, \
            '' AS PK_NAME FROM sqlite_master m JOIN pragma_table_info(m.name) c \
            WHERE m.type = 'table' AND c.pk > 0 AND m.name NOT LIKE 'sqlite%'",
    },
];

fn rowset(data: &Xml) -> Result<&'static Rowset, String> {
    let written = data.attribute("Schema").unwrap_or_default().trim();
    let id = written.trim_matches(['{', '}']).to_lowercase();
    let found = ROWSETS.iter().find(|one| one.id == id);
    found.ok_or_else(|| {
        let known: Vec<&str> = ROWSETS.iter().map(|one| one.name).collect();
        format!(
            "schema rowset `{written}` is not supported; {} are. Let a query of the database's \
             catalog fill an Object variable, and go over that with the Foreach ADO enumerator",
            known.join(", ")
        )
    })
}

/// Restrictions by their number, from 0; an empty one does not count.
fn restrictions(data: &Xml, rowset: &Rowset) -> Result<Vec<(usize, String)>, String> {
    let mut found = Vec::new();
    for restriction in data.children_named("Restriction") {
        let text = |name| restriction.attribute(name).unwrap_or_default().trim();
        let at = text("Index").parse().ok();
        let at = at.filter(|at| *at < rowset.restrictions).ok_or_else(|| {
            let (index, name) = (text("Index"), rowset.name);
            format!("restriction `{index}` is none of the schema rowset {name}")
        })?;
        if !text("Value").is_empty() {
            found.push((at, text("Value").to_owned()));
        }
    }
    Ok(found)
}

fn check(data: &Xml) -> Option<String> {
    if data
        .attribute("Connection")
        .unwrap_or_default()
        .trim()
        .is_empty()
    {
        return Some("no connection is given".to_owned());
    }
    let checked = rowset(data).and_then(|rowset| restrictions(data, rowset));
    checked.err()
}

fn set(data: &mut Xml, property: &str, text: &str) -> Option<()> {
    let mut attributes = data.attributes.iter_mut();
    let found = attributes.find(|(name, _)| name == property)?;
    text.clone_into(&mut found.1);
    Some(())
}

fn enumerate(data: &Xml, services: &Services) -> Result<Vec<Element>, String> {
    let rowset = rowset(data)?;
    let restrictions = restrictions(data, rowset)?;
    let reference = data.attribute("Connection").unwrap_or_default();
    let lease = services.connections.open_to_read(reference);
    let lease = lease.map_err(|error| error.explained())?;
    let mut connection = lease.lock().unwrap_or_else(PoisonError::into_inner);
    rows(&mut **connection, rowset, &restrictions).map_err(|error| error.explained())
}

fn rows(
    connection: &mut dyn Connection,
    rowset: &Rowset,
    restrictions: &[(usize, String)],
) -> Result<Vec<Element>, ConnectionError> {
    let columns = rowset.columns.join(", ");
    let sql = match connection.dialect() {
        Dialect::Sqlite => rowset.sqlite.to_owned(),
        Dialect::SqlServer => format!("SELECT {columns} FROM {}", rowset.view),
        Dialect::Postgres => {
            let view = rowset.postgres.unwrap_or(rowset.view);
            format!("SELECT {columns} FROM {view}")
        }
    };
    let mut reader = connection.query(&sql, &[], BATCH_ROWS)?;
    let types: Vec<_> = reader
        .schema()
        .columns
        .iter()
        .map(|it| it.data_type)
        .collect();
    let mut found = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        for row in 0..batch.num_rows() {
            let cells = types.iter().enumerate().map(|(at, data_type)| {
                let value = TypedValue {
                    data_type: *data_type,
                    value: value_at(batch.column(at).as_ref(), row, *data_type),
                };
                typed::shown(&value).unwrap_or_default()
            });
            let texts: Vec<String> = cells.collect();
            if is_wanted(&texts, restrictions) {
                found.push(texts);
            }
        }
    }
    // Databases list in no order: one order makes a loop the same every time.
    found.sort();
    let element = |texts: Vec<String>| texts.iter().map(|text| typed::text(text)).collect();
    Ok(found.into_iter().map(element).collect())
}

/// OLE DB calls a base table `TABLE`.
fn is_wanted(texts: &[String], restrictions: &[(usize, String)]) -> bool {
    restrictions.iter().all(|(at, wanted)| {
        let text = match texts[*at].as_str() {
            "BASE TABLE" => "TABLE",
            other => other,
        };
        text.eq_ignore_ascii_case(wanted) || texts[*at].eq_ignore_ascii_case(wanted)
    })
}
