//! The registry: every catalog procedure and view, declared once.
//!
//! HTTP endpoint, SDK call, `soctl proc`, `soctl view` and the reference pages are
//! derived from these declarations; the handler in `scaleout-catalog` is the only
//! other place that names a procedure.

mod argument_value;
pub mod bind;
pub mod call;
pub mod find;
pub mod msdb;
pub mod permission;
pub mod procedures;
pub mod types;
pub mod views;

pub use bind::{ArgumentError, ArgumentValue, BoundArguments, PackageRow, bind};
pub use call::{Arguments, ProcedureResult, Rows, ViewQuery};
pub use find::{all_procedures, all_views, procedure, view};
pub use permission::{JobAccess, Need, Permission, Readers, readers};
pub use types::{Direction, Procedure, ProcedureParameter, SqlType, View, ViewColumn};
