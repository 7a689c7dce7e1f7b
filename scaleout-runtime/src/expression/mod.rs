//! The expression language: one compiled form, evaluated over scalars and over columns.
//!
//! [`compile`] parses and types a text against a [`Scope`]; the [`Compiled`] form is then
//! evaluated once per use (control flow) or once per batch (data flow).

mod arithmetic;
mod batch;
mod batch_branch;
mod cells;
mod check;
mod check_call;
mod check_name;
mod check_operator;
mod compiled;
mod environment;
mod evaluation_error;
mod expression_error;
mod functions;
mod kernels;
mod mistake;
mod number_token;
mod operators;
mod parser;
mod plan;
#[cfg(test)]
mod robustness;
mod scalar;
mod scope;
mod string_token;
mod syntax;
#[cfg(test)]
mod tests;
mod token;
mod type_name;
mod types;
mod words;

pub use compiled::{BatchOutcome, Compiled, Evaluation, RowError, compile, compile_assignment};
pub use evaluation_error::{EvaluationError, Fault};
pub use expression_error::ExpressionError;
pub(crate) use functions::{DatePart, boundaries_between, moved, part_of};
pub use mistake::Mistake;
pub use scope::{ColumnRef, Scope, VariableTypes, VariableValues};
