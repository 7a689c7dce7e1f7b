//! What SQLite calls the tables and columns of a package.

use std::collections::HashMap;

use super::connection::SqliteConnection;
use crate::connections::dialect::{ColumnKind, Names, Script};
use crate::connections::table_name::quoted;
use crate::connections::{ConnectionError, TableName};
use crate::value::DataType;

/// Schemas are attached files; `dbo` is the main one; database names mean nothing.
#[derive(Debug, Default)]
pub(super) struct InFiles {
    /// Whether all columns of a name hold text.
    texts: HashMap<String, bool>,
}

impl InFiles {
    /// Looks up the columns of the tables that a script names.
    pub(super) fn of(
        connection: &mut SqliteConnection,
        script: &Script,
    ) -> Result<Self, ConnectionError> {
        let mut names = Self::default();
        for table in script.tables() {
            let Some(found) = connection.find_table(&table)? else {
                continue;
            };
            for column in &found.columns {
                let is_text = column.data_type.is_some_and(holds_text);
                let all = names.texts.entry(column.name.to_lowercase());
                *all.or_insert(true) &= is_text;
            }
        }
        Ok(names)
    }
}

fn holds_text(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext
    )
}

impl Names for InFiles {
    fn table(&self, table: &TableName) -> Option<Vec<String>> {
        let schema = table.schema.as_deref()?;
        Some(match table.own_schema() {
            Some(_) => vec![schema.to_lowercase(), table.table.clone()],
            None => vec!["main".to_owned(), table.table.clone()],
        })
    }

    fn column(&self, _: &str) -> Option<String> {
        None
    }

    fn kind(&self, column: &str) -> Option<ColumnKind> {
        let is_text = self.texts.get(&column.to_lowercase()) == Some(&true);
        is_text.then_some(ColumnKind::Text)
    }

    fn object_id(&self, table: &TableName) -> String {
        let schema = match table.own_schema() {
            _ if table.table.starts_with('#') => "temp".to_owned(),
            Some(own) => own.to_lowercase(),
            None => "main".to_owned(),
        };
        let literal = table.table.replace('\'', "''");
        format!(
            "(SELECT max(rowid) FROM {}.sqlite_master WHERE lower(name) = lower('{literal}'))",
            quoted(&schema)
        )
    }
}
