//! Why a workbook cannot be read or written.

use std::path::PathBuf;

use crate::data_flow::component::ComponentError;

/// See [`super`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum ExcelError {
    /// The file is no workbook, or is protected, or is not there.
    #[error("SO5012: workbook `{}` cannot be opened: {reason}; a workbook must be there as .xlsx or .xls and must not have a password", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is no such sheet or range.
    #[error("SO5012: workbook `{}` has no sheet or range `{wanted}`; it has: {}; a sheet is written with a dollar sign, such as `Sheet1$`", path.display(), there.join(", "))]
    NoSheet {
        /// The file.
        path: PathBuf,
        /// As the package names it.
        wanted: String,
        /// What there is.
        there: Vec<String>,
    },
    /// A query that is more than a selection of columns.
    #[error(
        "SO5013: query `{sql}` on a workbook is not understood; what runs here is `SELECT * FROM [Sheet1$]`, or with names of columns, and a Conditional Split behind it in place of WHERE"
    )]
    Query {
        /// The query.
        sql: String,
    },
    /// A format that is not written.
    #[error("SO5014: workbook `{}` cannot be written: {reason}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
}

impl From<ExcelError> for ComponentError {
    fn from(error: ExcelError) -> Self {
        Self::failed(0, error.to_string())
    }
}
