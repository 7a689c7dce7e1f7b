//! What PostgreSQL calls the tables and columns of a package.
//!
//! T-SQL ignores case. People create tables in PostgreSQL in lower case or quoted, so names are
//! looked up in the catalog: an exact match first, then one that differs in case only. Schema
//! `dbo` is `dbo` where there is one, else `public`.

use std::collections::{BTreeSet, HashMap};

use postgres::{Client, Error};

use crate::connections::TableName;
use crate::connections::dialect::{Names, Script};

/// Finds a relation by schema candidates and name.
const FIND_TABLE: &str = "SELECT n.nspname::text, c.relname::text \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'v', 'p', 'm', 'f') AND lower(c.relname) = lower($1) \
    AND lower(n.nspname) = ANY ($2) \
    ORDER BY array_position($2, lower(n.nspname)), n.nspname = $3 DESC, c.relname = $1 DESC, c.relname \
    LIMIT 1";

const HAS_DBO: &str = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'dbo')";

/// Columns of a relation.
const FIND_COLUMNS: &str = "SELECT a.attname::text FROM pg_catalog.pg_attribute a \
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relname = $2 AND 0 < a.attnum AND NOT a.attisdropped \
    ORDER BY a.attnum";

/// A relation by its real names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) schema: String,
    pub(super) table: String,
}

/// The relation that a package means; `None` when there is none.
pub(super) fn find(client: &mut Client, table: &TableName) -> Result<Option<Relation>, Error> {
    let schema = table.schema.as_deref().unwrap_or("dbo");
    let candidates: Vec<String> = match table.own_schema() {
        Some(own) => vec![own.to_lowercase()],
        None => vec!["dbo".to_owned(), "public".to_owned()],
    };
    let found = client.query_opt(FIND_TABLE, &[&table.table, &candidates, &schema])?;
    Ok(found.map(|row| Relation {
        schema: row.get(0),
        table: row.get(1),
    }))
}

/// Real names of a relation's columns.
pub(super) fn columns(client: &mut Client, relation: &Relation) -> Result<Vec<String>, Error> {
    let rows = client.query(FIND_COLUMNS, &[&relation.schema, &relation.table])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The real names of everything that a script names.
#[derive(Debug, Default)]
pub(super) struct CatalogNames {
    tables: HashMap<TableName, Relation>,
    columns: HashMap<String, BTreeSet<String>>,
    ctes: BTreeSet<String>,
    has_dbo: bool,
}

impl CatalogNames {
    /// Looks up the tables of a script and their columns.
    pub(super) fn look_up(client: &mut Client, script: &Script) -> Result<Self, Error> {
        let mut names = Self {
            ctes: script.common_tables().into_iter().collect(),
            ..Self::default()
        };
        let tables = script.tables();
        if tables.is_empty() {
            return Ok(names);
        }
        names.has_dbo = client.query_one(HAS_DBO, &[])?.get(0);
        for table in tables {
            if names.is_common(&table) || names.tables.contains_key(&table) {
                continue;
            }
            let Some(relation) = find(client, &table)? else {
                continue;
            };
            for column in columns(client, &relation)? {
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
}
