//! What a table looks like.

use rusqlite::Connection as Database;

use crate::connections::declared_type::declared_type;
use crate::connections::table_name::quoted;
use crate::value::DataType;

/// A table's columns.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Name for statements, quoted: `"staging"."X"`.
    pub(super) sql_name: String,
    /// Columns in order.
    pub(super) columns: Vec<TableColumn>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct TableColumn {
    /// Real name.
    pub(super) name: String,
    /// Type, where the declaration says one.
    pub(super) data_type: Option<DataType>,
    /// Expression of the default.
    pub(super) default: Option<String>,
    /// Numbers become integers or doubles here.
    pub(super) keeps_numbers: bool,
    /// `AUTOINCREMENT`: the database counts.
    pub(super) is_identity: bool,
}

impl Table {
    /// Reads a table; `None` when it does not exist.
    pub(super) fn read(
        database: &Database,
        schema: &str,
        table: &str,
    ) -> rusqlite::Result<Option<Self>> {
        let sql = format!("PRAGMA {}.table_info({})", quoted(schema), quoted(table));
        let mut statement = database.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let counts = counts_up(database, schema, table)?;
        let mut columns = Vec::new();
        while let Some(row) = rows.next()? {
            let declaration: String = row.get(2)?;
            let in_key: i64 = row.get(5)?;
            columns.push(TableColumn {
                name: row.get(1)?,
                data_type: declared_type(&declaration),
                default: row.get(4)?,
                keeps_numbers: keeps_numbers(&declaration),
                is_identity: counts && in_key != 0,
            });
        }
        let sql_name = format!("{}.{}", quoted(schema), quoted(table));
        Ok((!columns.is_empty()).then_some(Self { sql_name, columns }))
    }

    /// The column of that name, in any case.
    pub(super) fn column(&self, name: &str) -> Option<&TableColumn> {
        let exact = self.columns.iter().find(|column| column.name == name);
        let lower = name.to_lowercase();
        exact.or_else(|| {
            let mut columns = self.columns.iter();
            columns.find(|column| column.name.to_lowercase() == lower)
        })
    }
}

fn counts_up(database: &Database, schema: &str, table: &str) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT sql FROM {}.sqlite_master WHERE type = 'table' AND lower(name) = lower(?1)",
        quoted(schema)
    );
    let mut statement = database.prepare(&sql)?;
    let mut rows = statement.query([table])?;
    let text: Option<String> = match rows.next()? {
        Some(row) => row.get(0)?,
        None => None,
    };
    Ok(text.is_some_and(|text| text.to_ascii_uppercase().contains("AUTOINCREMENT")))
}

/// SQLite's affinity rules: NUMERIC, INTEGER or REAL, but not TEXT and not BLOB.
fn keeps_numbers(declaration: &str) -> bool {
    let upper = declaration.to_ascii_uppercase();
    let has = |word: &str| upper.contains(word);
    let is_text = has("CHAR") || has("CLOB") || has("TEXT");
    has("INT") || !(is_text || has("BLOB") || upper.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_described() {
        let database = Database::open_in_memory().unwrap();
        database
            .execute_batch(
                "CREATE TABLE T (Id integer primary key autoincrement, [a b] nvarchar(20) default 'x', d decimal(18,2))",
            )
            .unwrap();
        let table = Table::read(&database, "main", "t").unwrap().unwrap();
        assert!(table.column("id").unwrap().is_identity);
        let text = table.column("A B").unwrap();
        assert_eq!(text.name, "a b");
        assert_eq!(text.default.as_deref(), Some("'x'"));
        assert!(!text.keeps_numbers && !text.is_identity);
        assert!(table.column("d").unwrap().keeps_numbers);
        assert!(Table::read(&database, "main", "u").unwrap().is_none());
    }
}
