//! Rows held in an Object variable: what Execute SQL's full result set and the Recordset
//! destination leave, and the Foreach ADO enumerator goes over.

use std::any::Any;

use crate::value::{ObjectValue, TypedValue};

/// Rows in memory.
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
