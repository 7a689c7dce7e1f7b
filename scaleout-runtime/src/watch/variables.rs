//! What variables and connection managers may show of themselves.

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::connection_string::ConnectionString;

use crate::variables::{Cell, typed};

/// What a variable shows: the name of the property, and its text.
pub(super) type Shown = (&'static str, String);

/// What a variable shows; `None` where it may not, or holds an object. Of an expression variable
/// that is the expression: to evaluate all of them would cost the package its time.
pub(super) fn shown(cell: &Cell) -> Option<Shown> {
    if !cell.is_shown() {
        return None;
    }
    match cell.expression() {
        None => Some(("Value", typed::shown(&cell.stored())?)),
        Some(expression) => Some(("Expression", expression.to_owned())),
    }
}

/// The connection string without its password.
pub(super) fn connection_string(manager: &ConnectionManager) -> String {
    let text = manager.connection_string();
    match ConnectionString::parse(text) {
        Ok(string) => string.redacted(),
        // A path, such as that of a flat file.
        Err(_) => text.to_owned(),
    }
}
