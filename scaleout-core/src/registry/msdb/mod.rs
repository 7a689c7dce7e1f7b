//! The procedures and views of jobs, which are in the database msdb in the original.
//!
//! Source: the pages of SQL Server Agent's stored procedures and tables in the SQL Server
//! documentation. What the original does not have is marked as an extension and comes last.

mod columns;
mod help;
mod jobs;
mod list;
mod operators;
mod runs;
mod schedules;
mod steps;
mod views;

pub use columns::*;
pub use help::*;
pub use jobs::*;
pub use list::{MSDB_PROCEDURES, MSDB_VIEWS};
pub use operators::*;
pub use runs::*;
pub use schedules::*;
pub use steps::*;
pub use views::*;

/// The schema that these declarations name.
pub const SCHEMA: &str = "msdb";

use super::types::ProcedureParameter as P;
use super::types::SqlType::{Sysname, UniqueIdentifier};

/// `@job_id`
const JOB_ID: P = P::optional(
    "@job_id",
    UniqueIdentifier,
    "The job, by its id; give this or the name.",
);
/// `@job_name`
const JOB_NAME: P = P::optional(
    "@job_name",
    Sysname,
    "The job, by its name; give this or the id.",
);
