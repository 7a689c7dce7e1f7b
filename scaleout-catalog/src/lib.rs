//! SSISDB: what each catalog procedure does and each view shows, on SQLite or PostgreSQL.
//!
//! [`Catalog`] is the one door. SQL lives only in `store`, one procedure is one
//! file in `procedures`, and `master` holds what the master needs for its workers.
//!
//! Deliberately absent: HTTP, terminals, running packages, deciding which worker
//! gets which execution (the master plans; the catalog grants or refuses).

mod access;
mod audit;
mod backup;
mod catalog;
mod catalog_properties;
mod deployment;
mod error;
mod hex;
mod housekeeping;
pub mod jobs;
mod key_rotation;
mod location;
mod logins;
mod master;
mod passwords;
mod procedures;
mod scheduling;
mod secrets;
mod shared;
mod store;
mod together;
mod validation;

pub use access::{Entry, Object, effective};
pub use backup::{Backup, back_up, restore};
pub use catalog::{Catalog, CommitCounts};
pub use error::{
    BackupError, CatalogError, ChildPackageError, DiagnosticsError, JobError, JoinError,
    PermissionError, ProjectError, SchedulingError, UpkeepError,
};
pub use housekeeping::{Removed, VersionsRemoved};
pub use location::{CatalogLocation, PostgresLocation};
pub use logins::{Credentials, LoggedIn};
pub use master::{CertificateStanding, Proposal};
pub use scaleout_core::model::{Caller, Role};
pub use scheduling::{
    AllowedWorkers, CapReached, Caps, ChildSnapshot, Drain, HeldExecution, KeyCap, OFFLINE_AFTER,
    Obstacle, PendingExecution, SchedulingSnapshot, Tags, Usage, WAIT_CODES, WaitReason,
    WorkerSnapshot, WorkerStanding, count_by_reason,
};
pub use store::StoreError;
pub use store::masters::MasterReport;
