//! SSISDB: what each catalog procedure does and each view shows, on SQLite.
//!
//! [`Catalog`] is the one door. SQL lives only in `store`, one procedure is one
//! file in `procedures`.
//!
//! Deliberately absent: HTTP, terminals, running packages, deciding which worker
//! gets which execution (the master plans; the catalog grants or refuses).

mod catalog;
mod error;
mod location;
mod scheduling;

pub use catalog::Catalog;
pub use error::CatalogError;
pub use location::CatalogLocation;
pub use scaleout_core::model::{Caller, Role};
pub use scheduling::{
    AllowedWorkers, PendingExecution, SchedulingSnapshot, WorkerSnapshot, WorkerStanding,
};
