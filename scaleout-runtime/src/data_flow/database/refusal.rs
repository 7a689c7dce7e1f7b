//! What a destination says when rows are refused.

use super::binding::COLUMN_STATUS;
use super::family::Family;
use super::loader::{Loader, WrittenColumn};
use crate::connections::ConnectionError;
use crate::connections::cell::CellProblem;
use crate::data_flow::codes::FAILED_ON_ERROR;
use crate::data_flow::component::ComponentError;
use crate::events::{Message, Severity};
use crate::value::DataType;

/// `ErrorCode` of a value that cannot be converted.
pub(super) const CANNOT_CONVERT: u32 = 0xC020_9077;
/// `ErrorCode` of a row that breaks a constraint.
pub(super) const INTEGRITY: u32 = 0xC020_907D;

impl Loader {
    /// The failure of the component on what the database refused.
    pub(super) fn refused(&self, rows: &[usize], error: &ConnectionError) -> ComponentError {
        let (row, column) = match error {
            ConnectionError::Canceled(canceled) => return ComponentError::Canceled(*canceled),
            ConnectionError::Constraint { row, column, .. } => (*row, column.clone()),
            ConnectionError::Value { row, column, .. } => (*row, Some(column.clone())),
            _ => (None, None),
        };
        let row = row
            .and_then(|row| rows.get(usize::try_from(row).ok()?))
            .map(|row| self.rows_before + *row as u64 + 1);
        let mut text = format!("loading table {} failed", self.target.table);
        if let Some(row) = row {
            text.push_str(&format!(" at row {row}"));
        }
        if let Some(column) = &column {
            text.push_str(&format!(", column `{column}`"));
        }
        let text = format!(
            "{}: {}; {}",
            self.family.provider_text(&text),
            error.explained(),
            self.committed_text()
        );
        let message = self.message(self.family.failed_code(), text, row, column);
        self.failed_on_error(message, code_of(error))
    }

    pub(super) fn column_failed(
        &self,
        column: &WrittenColumn,
        row: usize,
        problem: CellProblem,
    ) -> ComponentError {
        let row = self.rows_before + row as u64 + 1;
        let text = format!(
            "there was an error with input column `{}` on `{}` at row {row}: it goes into column \
             `{}` ({}) of table {}; column status: \"{problem}\"; {}",
            column.input_name,
            self.component,
            column.name,
            type_text(column.to),
            self.target.table,
            self.committed_text()
        );
        let name = Some(column.name.clone());
        let message = self.message(COLUMN_STATUS, text, Some(row), name);
        self.failed_on_error(message, CANNOT_CONVERT)
    }

    /// Raises what was wrong, and gives the error that says whose rule made it fatal.
    fn failed_on_error(&self, message: Message, code: u32) -> ComponentError {
        let (row, column) = (message.row, message.column.clone());
        self.services.events.raise(Severity::Error, message);
        let text = format!(
            "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR.  \"{}\" failed because error \
             0x{code:08X} occurred, and the error disposition of {} says to fail on error.",
            self.component, self.rule.place
        );
        let failed = self.message(FAILED_ON_ERROR, text, row, column);
        ComponentError::Failed(Box::new(failed))
    }

    fn committed_text(&self) -> String {
        let table = &self.target.table;
        match self.committed {
            0 => format!("no row of this load is in {table}"),
            1 => format!("1 row of this load is committed in {table}"),
            rows => format!("{rows} rows of this load are committed in {table}"),
        }
    }

    pub(super) fn message(
        &self,
        code: u32,
        text: String,
        row: Option<u64>,
        column: Option<String>,
    ) -> Message {
        Message {
            code,
            subcomponent: Some(self.component.clone()),
            text,
            row,
            column,
        }
    }
}

/// What `ErrorCode` says about it.
pub(super) fn code_of(error: &ConnectionError) -> u32 {
    match error {
        ConnectionError::Constraint { .. } => INTEGRITY,
        ConnectionError::Value { .. } => CANNOT_CONVERT,
        _ => Family::OleDb.failed_code(),
    }
}

/// `DT_WSTR(255)`
fn type_text(data_type: DataType) -> String {
    match data_type {
        DataType::Wstr { length } | DataType::Str { length, .. } | DataType::Bytes { length } => {
            format!("{}({length})", data_type.name())
        }
        other => other.name().to_owned(),
    }
}
