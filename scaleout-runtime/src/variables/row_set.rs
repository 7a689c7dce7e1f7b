//! Rows held in an Object variable: what Execute SQL's full result set and the Recordset
//! destination leave, and the Foreach ADO enumerator goes over.

use std::any::Any;
use std::sync::Arc;

use crate::value::{ObjectValue, TypedValue};

/// Rows in memory: a recordset of ADO.
#[derive(Clone, Debug, Default)]
pub struct RowSet {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows; each has one value per column.
    pub rows: Vec<Vec<TypedValue>>,
}

impl ObjectValue for RowSet {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// One table of a [`DataSet`].
#[derive(Clone, Debug)]
pub struct DataTable(pub Arc<RowSet>);

impl ObjectValue for DataTable {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Tables in memory: what a statement gives over an ADO.NET connection, one table for each of its
/// result sets, in their order.
#[derive(Clone, Debug, Default)]
pub struct DataSet {
    /// The tables.
    pub tables: Vec<DataTable>,
}

impl ObjectValue for DataSet {
    fn as_any(&self) -> &dyn Any {
        self
    }
}
