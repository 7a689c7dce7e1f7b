//! What a Lookup has found for the rows of one batch.

use arrow::array::{ArrayRef, BooleanArray};

use super::settings::CopiedColumn;
use crate::data_flow::component::ComponentError;
use crate::data_flow::transforms::convert_column::{
    Circumstances, ConvertedColumn, convert_column,
};
use crate::value::DataType;

/// See [`super`].
pub struct Matches {
    /// For each row, whether there is a reference row.
    pub matched: BooleanArray,
    /// For each copied column, its values in the type of the row; NULL without a reference row.
    pub columns: Vec<ConvertedColumn>,
}

impl Matches {
    /// Converts what was found to the types of the row.
    pub fn converted(
        matched: BooleanArray,
        found: &[(ArrayRef, DataType)],
        copies: &[CopiedColumn],
        locale_id: u32,
    ) -> Result<Self, ComponentError> {
        let at = Circumstances {
            locale_id,
            today: 0,
        };
        let columns = found.iter().zip(copies);
        let columns = columns.map(|((array, data_type), copy)| {
            convert_column(array, *data_type, copy.data_type, at)
        });
        Ok(Self {
            matched,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }
}
