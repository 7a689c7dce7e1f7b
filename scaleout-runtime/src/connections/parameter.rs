//! Parameters of statements on their way to a driver.

use super::ConnectionError;
use super::cell::{Cell, cell_of_value};
use crate::value::TypedValue;

/// The cell of a parameter, counted from 0.
pub(super) fn cell_of_parameter<'p>(
    sql: &str,
    at: usize,
    value: &'p TypedValue,
) -> Result<Cell<'p>, ConnectionError> {
    cell_of_value(value).ok_or_else(|| {
        let reason = format!("parameter {at} is an Object, which no database takes");
        ConnectionError::in_statement(sql, reason)
    })
}
