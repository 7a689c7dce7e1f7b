//! Variables and parameters: scopes, lookup, expressions, system variables.

mod cell;
pub mod expressions;
mod lookup;
mod row_set;
pub mod scope;
pub mod system;
pub mod typed;

pub use cell::{Cell, PACKAGE_PARAMETERS, PROJECT_PARAMETERS};
pub use row_set::{DataSet, DataTable, RowSet};
pub use scope::{Context, Scope};
