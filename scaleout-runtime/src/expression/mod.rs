//! The expression language: one compiled form, evaluated over scalars and over columns.
//!
//! [`compile`] parses and types a text against a [`Scope`]; the [`Compiled`] form is then
//! evaluated once per use (control flow) or once per batch (data flow). Facts:
//! `spec/expressions.md`.

mod compiled;
mod evaluation_error;
mod expression_error;
mod mistake;
mod scope;

pub use compiled::{BatchOutcome, Compiled, Evaluation, RowError, compile, compile_assignment};
pub use evaluation_error::{EvaluationError, Fault};
pub use expression_error::ExpressionError;
pub use mistake::Mistake;
pub use scope::{ColumnRef, Scope, VariableTypes, VariableValues};
