//! T-SQL to the SQL of other databases.
//!
//! Pure functions: text in, statements out. What does not parse as T-SQL is taken for SQL of
//! the database itself and passes untouched.

mod batches;
mod functions;
mod marks;
mod names;
mod output;
mod rewrite;
mod script;
mod types;

pub use batches::{Batch, split_batches};
pub use marks::{count_marks, name_marks, number_marks, replace_marks};
pub use names::{AsWritten, Names, name_of};
pub use script::{Parameters, Script, Statement, StatementKind};
