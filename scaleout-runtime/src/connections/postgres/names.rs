//! What PostgreSQL calls the tables and columns of a package.
//!
//! T-SQL ignores case. People create tables in PostgreSQL in lower case or quoted, so names are
//! looked up in the catalog: an exact match first, then one that differs in case only. Schema
//! `dbo` is `dbo` where there is one, else `public`.

use std::collections::{BTreeSet, HashMap};

use tokio_postgres::types::ToSql;

use super::session::{Session, SessionError};
use crate::connections::TableName;
use crate::connections::dialect::{ColumnKind, Names, Procedure, Script};

/// Finds a relation by schema candidates and name.
const FIND_TABLE: &str = "SELECT n.nspname::text, c.relname::text \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'v', 'p', 'm', 'f') AND lower(c.relname) = lower($1) \
    AND (lower(n.nspname) = ANY ($2) OR (n.oid = pg_my_temp_schema() AND $1 LIKE '#%')) \
    ORDER BY array_position($2, lower(n.nspname)), n.nspname = $3 DESC, c.relname = $1 DESC, c.relname \
    LIMIT 1";

const HAS_DBO: &str = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'dbo')";

/// Columns of a relation, and what they hold.
const FIND_COLUMNS: &str = "SELECT a.attname::text, CASE WHEN y.typcategory = 'S' THEN 'text' \
    WHEN y.typname IN ('numeric', 'float4', 'float8') THEN 'fraction' \
    WHEN y.typname = 'bool' THEN 'truth' ELSE '' END FROM pg_catalog.pg_attribute a \
    JOIN pg_catalog.pg_type y ON y.oid = a.atttypid JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relname = $2 AND 0 < a.attnum AND NOT a.attisdropped \
    ORDER BY a.attnum";

/// Finds a procedure or function by schema candidates and name.
const FIND_PROCEDURE: &str = "SELECT n.nspname::text, p.proname::text, p.prokind <> 'p' \
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
    WHERE lower(p.proname) = lower($1) AND lower(n.nspname) = ANY ($2) AND p.prokind IN ('p', 'f') \
    ORDER BY array_position($2, lower(n.nspname)), p.proname = $1 DESC, p.prokind DESC LIMIT 1";

/// A relation by its real names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) schema: String,
    pub(super) table: String,
}

/// The relation that a package means; `None` when there is none.
pub(super) fn find(session: &Session, table: &TableName) -> Result<Option<Relation>, SessionError> {
    let schema = table.schema.as_deref().unwrap_or("dbo");
    let candidates = schemas_of(table);
    let arguments: [&(dyn ToSql + Sync); 3] = [&table.table, &candidates, &schema];
    let found = session.wait(session.client().query_opt(FIND_TABLE, &arguments))?;
    Ok(found.map(|row| Relation {
        schema: row.get(0),
        table: row.get(1),
    }))
}

/// The schemas in which a name is looked for.
fn schemas_of(name: &TableName) -> Vec<String> {
    match name.own_schema() {
        Some(own) => vec![own.to_lowercase()],
        None => vec!["dbo".to_owned(), "public".to_owned()],
    }
}

fn find_procedure(session: &Session, name: &TableName) -> Result<Option<Procedure>, SessionError> {
    let candidates = schemas_of(name);
    let arguments: [&(dyn ToSql + Sync); 2] = [&name.table, &candidates];
    let found = session.wait(session.client().query_opt(FIND_PROCEDURE, &arguments))?;
    Ok(found.map(|row| Procedure {
        parts: vec![row.get(0), row.get(1)],
        is_function: row.get(2),
    }))
}

/// Real names of a relation's columns, and their kinds.
pub(super) fn columns(
    session: &Session,
    relation: &Relation,
) -> Result<Vec<(String, Option<ColumnKind>)>, SessionError> {
    let arguments: [&(dyn ToSql + Sync); 2] = [&relation.schema, &relation.table];
    let rows = session.wait(session.client().query(FIND_COLUMNS, &arguments))?;
    let rows = rows.iter();
    let kind = |word: &str| match word {
        "text" => Some(ColumnKind::Text),
        "fraction" => Some(ColumnKind::Fraction),
        "truth" => Some(ColumnKind::Truth),
        _ => None,
    };
    Ok(rows.map(|row| (row.get(0), kind(row.get(1)))).collect())
}

/// The real names of everything that a script names.
#[derive(Debug, Default)]
pub(super) struct CatalogNames {
    tables: HashMap<TableName, Relation>,
    columns: HashMap<String, BTreeSet<String>>,
    /// The kind that all columns of a name have.
    kinds: HashMap<String, Option<ColumnKind>>,
    procedures: HashMap<TableName, Procedure>,
    ctes: BTreeSet<String>,
    has_dbo: bool,
}

impl CatalogNames {
    /// Looks up the tables of a script and their columns.
    pub(super) fn look_up(session: &Session, script: &Script) -> Result<Self, SessionError> {
        let mut names = Self {
            ctes: script.common_tables().into_iter().collect(),
            ..Self::default()
        };
        for name in script.procedures() {
            if let Some(found) = find_procedure(session, &name)? {
                names.procedures.insert(name, found);
            }
        }
        let tables = script.tables();
        if tables.is_empty() {
            return Ok(names);
        }
        let has_dbo = session.wait(session.client().query_one(HAS_DBO, &[]))?;
        names.has_dbo = has_dbo.get(0);
        for table in tables {
            if names.is_common(&table) || names.tables.contains_key(&table) {
                continue;
            }
            let Some(relation) = find(session, &table)? else {
                continue;
            };
            for (column, kind) in columns(session, &relation)? {
                let of_name = names.kinds.entry(column.to_lowercase()).or_insert(kind);
                if *of_name != kind {
                    *of_name = None;
                }
                let same = names.columns.entry(column.to_lowercase()).or_default();
                same.insert(column);
            }
            names.tables.insert(table, relation);
        }
        Ok(names)
    }

    fn is_common(&self, table: &TableName) -> bool {
        table.schema.is_none() && self.ctes.contains(&table.table.to_lowercase())
    }
}

impl Names for CatalogNames {
    fn table(&self, table: &TableName) -> Option<Vec<String>> {
        if self.is_common(table) {
            return None;
        }
        if let Some(relation) = self.tables.get(table) {
            return Some(vec![relation.schema.clone(), relation.table.clone()]);
        }
        let schema = table.schema.clone()?;
        let schema = match table.own_schema() {
            None if !self.has_dbo => "public".to_owned(),
            _ => schema,
        };
        Some(vec![schema, table.table.clone()])
    }

    fn column(&self, column: &str) -> Option<String> {
        let same = self.columns.get(&column.to_lowercase())?;
        if same.contains(column) {
            return Some(column.to_owned());
        }
        same.first().cloned()
    }

    fn qualifier(&self, table: &str) -> Option<String> {
        let mut tables = self.tables.iter();
        let found = tables.find(|(name, _)| name.table.eq_ignore_ascii_case(table));
        found.map(|(_, relation)| relation.table.clone())
    }

    fn kind(&self, column: &str) -> Option<ColumnKind> {
        self.kinds.get(&column.to_lowercase()).copied().flatten()
    }

    fn procedure(&self, procedure: &TableName) -> Option<Procedure> {
        self.procedures.get(procedure).cloned()
    }

    fn object_id(&self, table: &TableName) -> String {
        let literal = |text: &str| text.replace('\'', "''");
        let schema = match table.own_schema() {
            _ if table.table.starts_with('#') => "n.oid = pg_my_temp_schema()".to_owned(),
            Some(own) => format!("lower(n.nspname) = lower('{}')", literal(own)),
            None => "n.nspname IN ('dbo', 'public')".to_owned(),
        };
        format!(
            "(SELECT max(CAST(c.oid AS bigint)) FROM pg_catalog.pg_class AS c \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE lower(c.relname) = lower('{}') AND {schema})",
            literal(&table.table)
        )
    }
}
