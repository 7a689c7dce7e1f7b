//! What the columns of a batch are.

use std::sync::Arc;

use crate::value::DataType;

/// One column of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Lineage id of the output column that made it: an opaque key. Empty outside a data flow.
    pub lineage_id: String,
    /// Name.
    pub name: String,
    /// Type.
    pub data_type: DataType,
}

/// The columns of a buffer, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Columns.
    pub columns: Arc<[Column]>,
}

impl Schema {
    /// Position of the column with that lineage id.
    #[must_use]
    pub fn index_of(&self, lineage_id: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.lineage_id == lineage_id)
    }
}
