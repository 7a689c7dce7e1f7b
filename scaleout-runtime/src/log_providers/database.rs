//! The SQL Server log provider: rows of the table `sysssislog`, which is made where it is missing.
//!
//! SQLite and PostgreSQL have the same table.

use std::sync::Arc;

use uuid::Uuid;

use super::entry::Entry;
use super::logs::Writer;
use crate::connections::{Connection, ConnectionError, TableName};
use crate::value::{DataType, TypedValue, Value};
use crate::variables::typed;

const CREATE: &str = "CREATE TABLE [dbo].[sysssislog] ([id] int IDENTITY(1,1) NOT NULL PRIMARY KEY, \
    [event] nvarchar(128) NOT NULL, [computer] nvarchar(128) NOT NULL, \
    [operator] nvarchar(128) NOT NULL, [source] nvarchar(1024) NOT NULL, \
    [sourceid] uniqueidentifier NOT NULL, [executionid] uniqueidentifier NOT NULL, \
    [starttime] datetime NOT NULL, [endtime] datetime NOT NULL, [datacode] int NOT NULL, \
    [databytes] varbinary(max) NULL, [message] nvarchar(2048) NOT NULL)";
const INSERT: &str = "INSERT INTO [dbo].[sysssislog] ([event], [computer], [operator], [source], \
    [sourceid], [executionid], [starttime], [endtime], [datacode], [databytes], [message]) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// Characters that the column `message` has.
const LONGEST_MESSAGE: usize = 2048;
/// Characters that `event`, `computer` and `operator` have.
const LONGEST_NAME: usize = 128;
/// Characters that `source` has.
const LONGEST_SOURCE: usize = 1024;

/// A connection of its own: what the package rolls back stays in the log.
pub(super) struct Database(Box<dyn Connection>);

impl Database {
    pub(super) fn open(mut connection: Box<dyn Connection>) -> Result<Self, ConnectionError> {
        let table = TableName {
            catalog: None,
            schema: Some("dbo".to_owned()),
            table: "sysssislog".to_owned(),
        };
        if connection.table_schema(&table)?.is_none() {
            let made = connection.execute(CREATE, &[]);
            // Packages that begin at the same time all find it missing, and one of them makes it.
            if let Err(error) = made
                && connection.table_schema(&table)?.is_none()
            {
                return Err(error);
            }
        }
        Ok(Self(connection))
    }
}

impl Writer for Database {
    fn write(&mut self, entry: &Entry) -> Result<(), String> {
        let nothing = TypedValue {
            data_type: DataType::Bytes { length: 1 },
            value: Value::Bytes(Arc::from([])),
        };
        let values = [
            cut(&entry.event, LONGEST_NAME),
            cut(&entry.computer, LONGEST_NAME),
            cut(&entry.operator, LONGEST_NAME),
            cut(&entry.source, LONGEST_SOURCE),
            guid(&entry.source_id),
            guid(&entry.execution_id),
            typed::moment(entry.start),
            typed::moment(entry.end),
            typed::integer(entry.code),
            nothing,
            cut(&entry.message, LONGEST_MESSAGE),
        ];
        let inserted = self.0.execute(INSERT, &values);
        inserted.map(|_| ()).map_err(|error| error.explained())
    }
}

fn cut(text: &str, longest: usize) -> TypedValue {
    match text.char_indices().nth(longest) {
        Some((end, _)) => typed::text(&text[..end]),
        None => typed::text(text),
    }
}

/// The columns are not nullable: what is no GUID is the empty one.
fn guid(text: &str) -> TypedValue {
    let id = Uuid::parse_str(text.trim()).unwrap_or_default();
    TypedValue {
        data_type: DataType::Guid,
        value: Value::Guid(*id.as_bytes()),
    }
}
