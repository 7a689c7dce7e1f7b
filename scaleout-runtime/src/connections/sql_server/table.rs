//! What a table looks like, and which of its columns a bulk insert fills.

use tiberius::Row;

use super::bulk::BulkColumn;
use super::types::{catalog_type, described_type};
use crate::connections::table_name::bracketed;
use crate::connections::{BulkOptions, TableName};
use crate::data_flow::schema::Schema;
use crate::value::DataType;

/// The query for the columns of a table, whose name is its parameter.
pub(super) fn columns_sql(table: &TableName) -> String {
    let catalog = table.catalog.as_deref();
    let catalog = catalog.map_or_else(String::new, |it| format!("{}.", bracketed(it)));
    format!(
        "SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.is_identity, \
             c.is_nullable, c.is_computed FROM {catalog}sys.columns c \
             JOIN {catalog}sys.types t ON t.user_type_id = c.system_type_id \
             WHERE c.object_id = OBJECT_ID(@P1) ORDER BY c.column_id"
    )
}

/// A column of `sys.columns`.
#[derive(Clone, Debug)]
pub(super) struct TableColumn {
    pub(super) name: String,
    pub(super) data_type: Option<DataType>,
    is_identity: bool,
    is_nullable: bool,
    is_computed: bool,
}

impl TableColumn {
    /// Reads a row of [`columns_sql`].
    pub(super) fn read(row: &Row) -> Option<Self> {
        let text = |at: usize| row.try_get::<&str, _>(at).ok().flatten();
        let bit = |at: usize| row.try_get::<bool, _>(at).ok().flatten().unwrap_or(false);
        let byte = |at: usize| row.try_get::<u8, _>(at).ok().flatten().unwrap_or(0);
        let length = row.try_get::<i16, _>(2).ok().flatten().unwrap_or(0);
        let words = catalog_type(text(1)?, length, byte(3), byte(4));
        Some(Self {
            name: text(0)?.to_owned(),
            data_type: described_type(&words),
            is_identity: bit(5),
            is_nullable: bit(6),
            is_computed: bit(7),
        })
    }
}

/// The columns to fill, in the table's order, as the server wants them; the error is a column
/// that does not exist.
pub(super) fn choose(
    real: &[TableColumn],
    wanted: &[String],
    schema: &Schema,
    options: &BulkOptions,
) -> Result<Vec<BulkColumn>, String> {
    let mut chosen = Vec::with_capacity(wanted.len());
    for (at, (name, column)) in wanted.iter().zip(schema.columns.iter()).enumerate() {
        let lower = name.to_lowercase();
        let mut found = real.iter();
        let found = found.find(|it| it.name.to_lowercase() == lower);
        let found = found.ok_or_else(|| name.clone())?;
        if found.is_computed || (found.is_identity && !options.keep_identity) {
            continue;
        }
        chosen.push(BulkColumn {
            at,
            name: found.name.clone(),
            from: column.data_type,
            to: found.data_type.unwrap_or(column.data_type),
            is_nullable: found.is_nullable,
        });
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_flow::schema::Column;

    fn real(name: &str, is_identity: bool, is_computed: bool) -> TableColumn {
        TableColumn {
            name: name.to_owned(),
            data_type: Some(DataType::I4),
            is_identity,
            is_nullable: true,
            is_computed,
        }
    }

    #[test]
    fn identities_and_computed_columns_are_left_to_the_server() {
        let table = [
            real("Id", true, false),
            real("Name", false, false),
            real("Sum", false, true),
        ];
        let wanted: Vec<String> = ["ID", "name", "sum"].map(str::to_owned).into();
        let schema = Schema::new(wanted.iter().map(|name| Column {
            lineage_id: String::new(),
            name: name.clone(),
            data_type: DataType::I8,
        }));
        let names = |keep_identity| {
            let options = BulkOptions {
                keep_identity,
                ..BulkOptions::default()
            };
            let chosen = choose(&table, &wanted, &schema, &options).unwrap();
            let pairs = chosen.into_iter();
            pairs.map(|it| (it.at, it.name)).collect::<Vec<_>>()
        };
        assert_eq!(names(false), [(1, "Name".to_owned())]);
        assert_eq!(names(true), [(0, "Id".to_owned()), (1, "Name".to_owned())]);
        let missing = ["other".to_owned()];
        let missing = choose(&table, &missing, &schema, &BulkOptions::default());
        assert_eq!(missing, Err("other".to_owned()));
    }
}
