//! T-SQL to the SQL of other databases.
//!
//! Pure functions: text in, statements out. What does not parse as T-SQL is taken for SQL of
//! the database itself and passes untouched.

mod batches;
mod casts;
mod column_kind;
mod dates;
mod deletes;
mod functions;
mod joined;
mod marks;
mod names;
mod output;
mod reshape;
mod rewrite;
mod script;
#[cfg(test)]
mod script_tests;
mod template;
mod translate;
mod types;

pub use batches::{Batch, split_batches};
pub use column_kind::ColumnKind;
pub use marks::{count_marks, name_marks, number_marks, replace_marks};
pub use names::{AsWritten, Names, Procedure, name_of};
pub use script::{Branches, Parameters, Script, Statement, StatementKind};
