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
    /// In the order of OLE DB, as the texts below name them: `UNIQUE` and `TYPE` are words of SQL.
    columns: &'static [&'static str],
    /// The columns that restrictions mean, by the numbers of the restrictions.
    restrictions: &'static [usize],
    view: &'static str,
    /// The same of PostgreSQL, where it is another.
    postgres: Option<&'static str>,
    /// The same of SQLite, which has no such views.
    sqlite: &'static str,
}

/// The ids are those of `OleDbSchemaGuid`.
const ROWSETS: [Rowset; 11] = [
    Rowset {
        id: "c8b52229-5cf3-11ce-ade5-00aa0044773d",
        name: "Tables",
        columns: &["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE"],
        restrictions: &[0, 1, 2, 3],
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
        restrictions: &[0, 1, 2],
        view: "INFORMATION_SCHEMA.VIEWS",
        postgres: None,
        sqlite: "SELECT '' AS TABLE_CATALOG, 'dbo' AS TABLE_SCHEMA, name AS TABLE_NAME \
            FROM sqlite_master WHERE type = 'view'",
    },
    Rowset {
        id: "c8b52214-5cf3-11ce-ade5-00aa0044773d",
        name: "Columns",
        columns: &["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME"],
        restrictions: &[0, 1, 2, 3],
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
        restrictions: &[0],
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
        restrictions: &[0, 1, 2],
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
        restrictions: &[0, 1, 2, 3],
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
        restrictions: &[0, 1, 2],
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
    Rowset {
        id: "c8b5221e-5cf3-11ce-ade5-00aa0044773d",
        name: "Indexes",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "INDEX_CATALOG",
            "INDEX_SCHEMA",
            "INDEX_NAME",
            "PRIMARY_KEY",
            "IS_UNIQUE",
            "IS_CLUSTERED",
            "INDEX_TYPE",
            "FILL_FACTOR",
            "INITIAL_SIZE",
            "INDEX_NULLS",
            "SORT_BOOKMARKS",
            "AUTO_UPDATE",
            "NULL_COLLATION",
            "ORDINAL_POSITION",
            "COLUMN_NAME",
        ],
        restrictions: &[0, 1, 5, 9, 2],
        view: "(SELECT DB_NAME() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, t.name AS TABLE_NAME, \
            DB_NAME() AS INDEX_CATALOG, s.name AS INDEX_SCHEMA, i.name AS INDEX_NAME, \
            CASE i.is_primary_key WHEN 1 THEN 'True' ELSE 'False' END AS PRIMARY_KEY, \
            CASE i.is_unique WHEN 1 THEN 'True' ELSE 'False' END AS IS_UNIQUE, \
            CASE i.type WHEN 1 THEN 'True' ELSE 'False' END AS IS_CLUSTERED, \
            '1' AS INDEX_TYPE, '' AS FILL_FACTOR, '' AS INITIAL_SIZE, '' AS INDEX_NULLS, \
            '' AS SORT_BOOKMARKS, '' AS AUTO_UPDATE, '' AS NULL_COLLATION, \
            k.key_ordinal AS ORDINAL_POSITION, c.name AS COLUMN_NAME \
            FROM sys.indexes i JOIN sys.tables t ON t.object_id = i.object_id \
            JOIN sys.schemas s ON s.schema_id = t.schema_id \
            JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id \
            JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id \
            WHERE 0 < k.key_ordinal) x",
        postgres: Some(
            "(SELECT current_database() AS TABLE_CATALOG, n.nspname AS TABLE_SCHEMA, \
            t.relname AS TABLE_NAME, current_database() AS INDEX_CATALOG, \
            n.nspname AS INDEX_SCHEMA, i.relname AS INDEX_NAME, \
            CASE WHEN x.indisprimary THEN 'True' ELSE 'False' END AS PRIMARY_KEY, \
            CASE WHEN x.indisunique THEN 'True' ELSE 'False' END AS IS_UNIQUE, \
            CASE WHEN x.indisclustered THEN 'True' ELSE 'False' END AS IS_CLUSTERED, \
            '1' AS INDEX_TYPE, '' AS FILL_FACTOR, '' AS INITIAL_SIZE, '' AS INDEX_NULLS, \
            '' AS SORT_BOOKMARKS, '' AS AUTO_UPDATE, '' AS NULL_COLLATION, \
            a.attnum AS ORDINAL_POSITION, \
            pg_get_indexdef(x.indexrelid, a.attnum, false) AS COLUMN_NAME \
            FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class t ON t.oid = x.indrelid \
            JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid \
            JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace \
            JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indexrelid \
            AND a.attnum BETWEEN 1 AND x.indnkeyatts \
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')) x",
        ),
        sqlite: "SELECT '' AS TABLE_CATALOG, 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME, \
            '' AS INDEX_CATALOG, 'dbo' AS INDEX_SCHEMA, i.name AS INDEX_NAME, \
            CASE i.origin WHEN 'pk' THEN 'True' ELSE 'False' END AS PRIMARY_KEY, \
            CASE i.[unique] WHEN 1 THEN 'True' ELSE 'False' END AS IS_UNIQUE, \
            'False' AS IS_CLUSTERED, '1' AS INDEX_TYPE, '' AS FILL_FACTOR, '' AS INITIAL_SIZE, \
            '' AS INDEX_NULLS, '' AS SORT_BOOKMARKS, '' AS AUTO_UPDATE, '' AS NULL_COLLATION, \
            c.seqno + 1 AS ORDINAL_POSITION, COALESCE(c.name, '') AS COLUMN_NAME \
            FROM sqlite_master m JOIN pragma_index_list(m.name) i \
            JOIN pragma_index_info(i.name) c \
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'",
    },
    Rowset {
        id: "c8b522c4-5cf3-11ce-ade5-00aa0044773d",
        name: "Foreign_Keys",
        columns: &[
            "PK_TABLE_CATALOG",
            "PK_TABLE_SCHEMA",
            "PK_TABLE_NAME",
            "PK_COLUMN_NAME",
            "PK_COLUMN_GUID",
            "PK_COLUMN_PROPID",
            "FK_TABLE_CATALOG",
            "FK_TABLE_SCHEMA",
            "FK_TABLE_NAME",
            "FK_COLUMN_NAME",
            "FK_COLUMN_GUID",
            "FK_COLUMN_PROPID",
            "ORDINAL",
            "UPDATE_RULE",
            "DELETE_RULE",
            "PK_NAME",
            "FK_NAME",
        ],
        restrictions: &[0, 1, 2, 6, 7, 8],
        view: "(SELECT DB_NAME() AS PK_TABLE_CATALOG, ps.name AS PK_TABLE_SCHEMA, \
            pt.name AS PK_TABLE_NAME, pc.name AS PK_COLUMN_NAME, '' AS PK_COLUMN_GUID, \
            '' AS PK_COLUMN_PROPID, DB_NAME() AS FK_TABLE_CATALOG, fs.name AS FK_TABLE_SCHEMA, \
            ft.name AS FK_TABLE_NAME, fc.name AS FK_COLUMN_NAME, '' AS FK_COLUMN_GUID, \
            '' AS FK_COLUMN_PROPID, k.constraint_column_id AS ORDINAL, \
            REPLACE(f.update_referential_action_desc, '_', ' ') AS UPDATE_RULE, \
            REPLACE(f.delete_referential_action_desc, '_', ' ') AS DELETE_RULE, \
            COALESCE(i.name, '') AS PK_NAME, f.name AS FK_NAME \
            FROM sys.foreign_keys f \
            JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id \
            JOIN sys.tables pt ON pt.object_id = k.referenced_object_id \
            JOIN sys.schemas ps ON ps.schema_id = pt.schema_id \
            JOIN sys.columns pc ON pc.object_id = k.referenced_object_id \
            AND pc.column_id = k.referenced_column_id \
            JOIN sys.tables ft ON ft.object_id = k.parent_object_id \
            JOIN sys.schemas fs ON fs.schema_id = ft.schema_id \
            JOIN sys.columns fc ON fc.object_id = k.parent_object_id \
            AND fc.column_id = k.parent_column_id \
            LEFT JOIN sys.indexes i ON i.object_id = f.referenced_object_id \
            AND i.index_id = f.key_index_id) x",
        postgres: Some(
            "(SELECT current_database() AS PK_TABLE_CATALOG, pn.nspname AS PK_TABLE_SCHEMA, \
            pt.relname AS PK_TABLE_NAME, pa.attname AS PK_COLUMN_NAME, '' AS PK_COLUMN_GUID, \
            '' AS PK_COLUMN_PROPID, current_database() AS FK_TABLE_CATALOG, \
            fn.nspname AS FK_TABLE_SCHEMA, ft.relname AS FK_TABLE_NAME, \
            fa.attname AS FK_COLUMN_NAME, '' AS FK_COLUMN_GUID, '' AS FK_COLUMN_PROPID, \
            array_position(c.conkey, fa.attnum) AS ORDINAL, \
            CASE c.confupdtype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' \
            WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END \
            AS UPDATE_RULE, \
            CASE c.confdeltype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' \
            WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END \
            AS DELETE_RULE, \
            i.relname AS PK_NAME, c.conname AS FK_NAME \
            FROM pg_catalog.pg_constraint c \
            JOIN pg_catalog.pg_class pt ON pt.oid = c.confrelid \
            JOIN pg_catalog.pg_namespace pn ON pn.oid = pt.relnamespace \
            JOIN pg_catalog.pg_class ft ON ft.oid = c.conrelid \
            JOIN pg_catalog.pg_namespace fn ON fn.oid = ft.relnamespace \
            JOIN pg_catalog.pg_class i ON i.oid = c.conindid \
            JOIN pg_catalog.pg_attribute fa ON fa.attrelid = c.conrelid \
            JOIN pg_catalog.pg_attribute pa ON pa.attrelid = c.confrelid \
            AND array_position(c.confkey, pa.attnum) = array_position(c.conkey, fa.attnum) \
            WHERE c.contype = 'f') x",
        ),
        sqlite: "SELECT '' AS PK_TABLE_CATALOG, 'dbo' AS PK_TABLE_SCHEMA, \
            f.[table] AS PK_TABLE_NAME, COALESCE(f.[to], '') AS PK_COLUMN_NAME, \
            '' AS PK_COLUMN_GUID, '' AS PK_COLUMN_PROPID, '' AS FK_TABLE_CATALOG, \
            'dbo' AS FK_TABLE_SCHEMA, m.name AS FK_TABLE_NAME, f.[from] AS FK_COLUMN_NAME, \
            '' AS FK_COLUMN_GUID, '' AS FK_COLUMN_PROPID, f.seq + 1 AS ORDINAL, \
            f.on_update AS UPDATE_RULE, f.on_delete AS DELETE_RULE, '' AS PK_NAME, '' AS FK_NAME \
            FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f \
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'",
    },
    Rowset {
        id: "c8b522b8-5cf3-11ce-ade5-00aa0044773d",
        name: "Procedure_Parameters",
        columns: &[
            "PROCEDURE_CATALOG",
            "PROCEDURE_SCHEMA",
            "PROCEDURE_NAME",
            "PARAMETER_NAME",
            "ORDINAL_POSITION",
            "PARAMETER_TYPE",
        ],
        restrictions: &[0, 1, 2, 3],
        // The types are those of DBPARAMTYPE: 1 in, 2 in and out, 3 out.
        view: "(SELECT r.ROUTINE_CATALOG AS PROCEDURE_CATALOG, \
            r.ROUTINE_SCHEMA AS PROCEDURE_SCHEMA, r.ROUTINE_NAME AS PROCEDURE_NAME, \
            COALESCE(p.PARAMETER_NAME, '') AS PARAMETER_NAME, p.ORDINAL_POSITION, \
            CASE p.PARAMETER_MODE WHEN 'IN' THEN '1' WHEN 'INOUT' THEN '2' ELSE '3' END \
            AS PARAMETER_TYPE FROM INFORMATION_SCHEMA.ROUTINES r \
            JOIN INFORMATION_SCHEMA.PARAMETERS p ON p.SPECIFIC_SCHEMA = r.SPECIFIC_SCHEMA \
            AND p.SPECIFIC_NAME = r.SPECIFIC_NAME \
            WHERE r.ROUTINE_SCHEMA NOT IN ('pg_catalog', 'information_schema')) x",
        postgres: None,
        // It has none.
        sqlite: "SELECT '' AS PROCEDURE_CATALOG, 'dbo' AS PROCEDURE_SCHEMA, \
            '' AS PROCEDURE_NAME, '' AS PARAMETER_NAME, '' AS ORDINAL_POSITION, \
            '' AS PARAMETER_TYPE WHERE 1 = 0",
    },
    Rowset {
        id: "c8b5221a-5cf3-11ce-ade5-00aa0044773d",
        name: "Table_Constraints",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "CONSTRAINT_TYPE",
        ],
        restrictions: &[0, 1, 2, 3, 4, 5, 6],
        view: "(SELECT CONSTRAINT_CATALOG, CONSTRAINT_SCHEMA, CONSTRAINT_NAME, TABLE_CATALOG, \
            TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_TYPE FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS \
            WHERE TABLE_SCHEMA NOT IN ('pg_catalog', 'information_schema')) x",
        postgres: None,
        // It keeps no names of constraints.
        sqlite: "SELECT '' AS CONSTRAINT_CATALOG, 'dbo' AS CONSTRAINT_SCHEMA, \
            '' AS CONSTRAINT_NAME, '' AS TABLE_CATALOG, 'dbo' AS TABLE_SCHEMA, \
            m.name AS TABLE_NAME, 'PRIMARY KEY' AS CONSTRAINT_TYPE FROM sqlite_master m \
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' \
            AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE 0 < c.pk) \
            UNION ALL SELECT '', 'dbo', i.name, '', 'dbo', m.name, 'UNIQUE' \
            FROM sqlite_master m JOIN pragma_index_list(m.name) i \
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND i.origin = 'u' \
            UNION ALL SELECT '', 'dbo', '', '', 'dbo', m.name, 'FOREIGN KEY' \
            FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f \
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND f.seq = 0",
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

/// The columns that are restricted, with what they have to be; an empty restriction does not count.
fn restrictions(data: &Xml, rowset: &Rowset) -> Result<Vec<(usize, String)>, String> {
    let mut found = Vec::new();
    for restriction in data.children_named("Restriction") {
        let text = |name| restriction.attribute(name).unwrap_or_default().trim();
        let at = text("Index").parse().ok();
        let column = at.and_then(|at: usize| rowset.restrictions.get(at));
        let column = *column.ok_or_else(|| {
            let (index, name) = (text("Index"), rowset.name);
            format!("restriction `{index}` is none of the schema rowset {name}")
        })?;
        if !text("Value").is_empty() {
            found.push((column, text("Value").to_owned()));
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
