//! A database with one table, whatever the query.

use std::sync::{Arc, Mutex};

use arrow::record_batch::RecordBatch;
use scaleout_core::package::ConnectionManager;

use super::run::Row;
use crate::connections::test_manager::manager;
use crate::connections::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TakeRows, TransactionStep,
};
use crate::convert::array_of;
use crate::data_flow::columns;
use crate::data_flow::schema::{Column, Schema};
use crate::services::{ConnectionLease, Connections};
use crate::value::{DataType, TypedValue};

/// Connections of which one, called `db`, has the table.
pub struct OneTable {
    schema: Schema,
    batches: Vec<RecordBatch>,
}

impl OneTable {
    /// The table, in batches of two rows.
    pub fn new(columns: &[(&str, DataType)], rows: &[Row]) -> Self {
        let schema = Schema::new(columns.iter().map(|(name, data_type)| Column {
            lineage_id: String::new(),
            name: (*name).to_owned(),
            data_type: *data_type,
        }));
        let batches = rows.chunks(2).map(|part| {
            let arrays = columns.iter().enumerate().map(|(index, (_, data_type))| {
                let values: Vec<_> = part.iter().map(|row| row[index].clone()).collect();
                array_of(&values, *data_type).unwrap()
            });
            columns::batch(schema.to_arrow(), arrays.collect(), part.len()).unwrap()
        });
        Self {
            batches: batches.collect(),
            schema: schema.clone(),
        }
    }
}

impl Connections for OneTable {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        if reference == "db" {
            return Ok(Arc::new(manager("OLEDB", "Provider=SQLite;Data Source=x")));
        }
        let reference = reference.to_owned();
        Err(ConnectionError::Unknown { reference })
    }

    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        if reference != "db" {
            let reference = reference.to_owned();
            return Err(ConnectionError::Unknown { reference });
        }
        let connection: Box<dyn Connection> = Box::new(Opened {
            schema: self.schema.clone(),
            batches: self.batches.clone(),
        });
        Ok(Arc::new(Mutex::new(connection)))
    }
}

struct Opened {
    schema: Schema,
    batches: Vec<RecordBatch>,
}

struct Reading {
    schema: Schema,
    batches: std::vec::IntoIter<RecordBatch>,
}

impl BatchReader for Reading {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ConnectionError> {
        Ok(self.batches.next())
    }
}

fn refused() -> ConnectionError {
    ConnectionError::Unsupported {
        name: "db".to_owned(),
        reason: "the test database is read-only".to_owned(),
    }
}

impl Connection for Opened {
    fn dialect(&self) -> Dialect {
        Dialect::SqlServer
    }

    fn execute(&mut self, _: &str, _: &[TypedValue]) -> Result<Option<u64>, ConnectionError> {
        Err(refused())
    }

    fn query<'c>(
        &'c mut self,
        _: &str,
        _: &[TypedValue],
        _: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        Ok(Box::new(Reading {
            schema: self.schema.clone(),
            batches: self.batches.clone().into_iter(),
        }))
    }

    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        take(&mut *self.query(sql, parameters, batch_rows)?)
    }

    fn table_schema(&mut self, _: &TableName) -> Result<Option<Schema>, ConnectionError> {
        Ok(Some(self.schema.clone()))
    }

    fn bulk_insert<'c>(
        &'c mut self,
        _: &TableName,
        _: &[String],
        _: &Schema,
        _: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        Err(refused())
    }

    fn transact(&mut self, _: TransactionStep) -> Result<(), ConnectionError> {
        Err(refused())
    }
}
