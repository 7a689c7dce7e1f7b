//! Why the catalog refused or failed.

mod backup;
mod children;
mod diagnostics;
mod environments;
mod explain;
mod jobs;
mod join;
mod number;
mod permission;
mod project;
mod scheduling;
mod upkeep;

use scaleout_core::lease::ExecutionState;
use scaleout_core::model::ParameterScope;
use scaleout_core::model::identifier::NameFault;
use scaleout_core::package::PackageError;
use scaleout_core::registry::{ArgumentError, SqlType};
use uuid::Uuid;

pub use backup::BackupError;
pub use children::ChildPackageError;
pub use diagnostics::DiagnosticsError;
pub use jobs::JobError;
pub use join::JoinError;
pub use permission::PermissionError;
pub use project::ProjectError;
pub use scheduling::SchedulingError;
pub use upkeep::UpkeepError;

use crate::store::StoreError;

pub use environments::EnvironmentError;

/// What [`CatalogError::NameNotValid`] calls a variable of an environment.
pub(crate) const VARIABLE_KIND: &str = "environment variable";
/// What it calls a customized logging level.
pub(crate) const LEVEL_KIND: &str = "customized logging level";

/// Why the catalog refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// A catalog location that this build cannot open.
    #[error("a catalog on `{scheme}` is not supported")]
    LocationNotValid {
        /// What stands before the first colon.
        scheme: String,
    },
    /// A location of a database that does not read as one.
    #[error("the location of the catalog is not valid: {reason}")]
    LocationMalformed {
        /// What is wrong; never the location itself.
        reason: String,
    },
    /// A password where everybody could read it.
    #[error("the location of the catalog contains a password")]
    LocationWithPassword,
    /// No such procedure or view.
    #[error("the catalog has no {kind} `{name}`")]
    Absent {
        /// `procedure` or `view`.
        kind: &'static str,
        /// What was asked for.
        name: String,
    },
    /// Arguments that do not fit the procedure.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// A column that a view does not have.
    #[error("view `{view}` has no column `{column}`")]
    UnknownColumn {
        /// The view.
        view: &'static str,
        /// As the caller wrote it.
        column: String,
        /// The names it has.
        known: Vec<&'static str>,
    },
    /// A filter value that is not of the column's type.
    #[error(
        "the filter on column `{column}` of view `{view}` is not of type `{expected}`: {reason}"
    )]
    FilterNotValid {
        /// The view.
        view: &'static str,
        /// The column.
        column: &'static str,
        /// Its type.
        expected: SqlType,
        /// What is wrong.
        reason: &'static str,
    },
    /// Something that the original has and this build has not.
    #[error("{what} not part of this build")]
    NotInThisBuild {
        /// What, with its verb: `environment references are`.
        what: &'static str,
        /// What to do without it.
        instead: &'static str,
    },
    /// The caller's roles do not allow it.
    #[error("`{caller}` may not {action}")]
    Forbidden {
        /// Who.
        caller: String,
        /// What: `call create_folder`.
        action: String,
    },
    /// A name that breaks the rules.
    #[error("`{}` is not a valid name for a {kind}: {fault}", readable(name))]
    NameNotValid {
        /// `folder`, `project`, `package`, `environment`, `environment variable`.
        kind: &'static str,
        /// The name, as given.
        name: String,
        /// Which rule.
        fault: NameFault,
    },
    /// The name is taken.
    #[error("a folder `{name}` exists already")]
    FolderExists {
        /// The name.
        name: String,
    },
    /// No such folder.
    #[error("there is no folder `{name}`, or the caller may not see it")]
    FolderMissing {
        /// The name.
        name: String,
    },
    /// The folder holds projects or environments.
    #[error("folder `{name}` is not empty")]
    FolderNotEmpty {
        /// The folder.
        name: String,
    },
    /// No such project.
    #[error("there is no project `{project}` in folder `{folder}`, or the caller may not see it")]
    ProjectMissing {
        /// The folder.
        folder: String,
        /// The project.
        project: String,
    },
    /// No such package.
    #[error("there is no package `{package}` in project `{project}` of folder `{folder}`")]
    PackageMissing {
        /// The folder.
        folder: String,
        /// The project.
        project: String,
        /// The package.
        package: String,
    },
    /// The package is only run by others.
    #[error("package `{package}` of project `{project}` is not an entry point")]
    NotAnEntryPoint {
        /// The project.
        project: String,
        /// The package.
        package: String,
    },
    /// The `.ispac` names its project differently.
    #[error("the project is called `{inside}` inside the file, not `{asked}`")]
    ProjectNameDiffers {
        /// `@project_name`.
        asked: String,
        /// Name in the manifest.
        inside: String,
    },
    /// Two packages or parameters of one name.
    #[error("project `{project}` has two {kind}s called `{name}`")]
    DoubleInProject {
        /// The project.
        project: String,
        /// `package`, `parameter`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The `.ispac` cannot be read.
    #[error("project `{project}` cannot be deployed")]
    ProjectUnreadable {
        /// The project.
        project: String,
        /// Why.
        source: Box<PackageError>,
    },
    /// No such execution or operation.
    #[error("there is no operation {id}, or the caller may not see it")]
    OperationMissing {
        /// The id.
        id: i64,
    },
    /// Too late: the execution was started, or stopped before it could be.
    #[error("execution {id} {}", explain::already_started(*state))]
    AlreadyStarted {
        /// The execution.
        id: i64,
        /// What it is doing instead.
        state: ExecutionState,
    },
    /// Nothing left to stop.
    #[error("operation {id} {}", explain::already_stopped(*state))]
    AlreadyStopped {
        /// The operation.
        id: i64,
        /// What it is doing instead.
        state: ExecutionState,
    },
    /// The project changed between create and start.
    #[error("project `{project}` was deployed anew or deleted after execution {id} was created")]
    Outdated {
        /// The execution.
        id: i64,
        /// The project.
        project: String,
    },
    /// Required parameters without value.
    #[error("execution {id} needs values for: {}", names.join(", "))]
    ValuesMissing {
        /// The execution.
        id: i64,
        /// All of them.
        names: Vec<String>,
    },
    /// No such parameter or option.
    #[error("{owner} has no {} `{name}`", explain::kind(*scope))]
    ParameterMissing {
        /// `execution 7`, `project x`.
        owner: String,
        /// What was asked for: a project parameter, a package parameter, an option.
        scope: ParameterScope,
        /// The name.
        name: String,
        /// The names of that scope that it has.
        known: Vec<String>,
        /// Project parameters where a package parameter was asked for, and the other way round.
        elsewhere: Vec<String>,
    },
    /// A value that is not of the parameter's type, or out of its range.
    #[error("the value for `{name}` is not valid: {reason}")]
    ValueNotValid {
        /// Parameter, option or property.
        name: String,
        /// What is wrong; never the value.
        reason: String,
        /// How a valid one is written, with an example.
        form: &'static str,
    },
    /// A property path that names nothing.
    #[error("`{path}` is not a valid property path: {reason}")]
    PropertyPathNotValid {
        /// The path.
        path: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// An environment reference that does not exist.
    #[error("there is no environment reference {id}")]
    ReferenceMissing {
        /// The reference.
        id: i64,
    },
    /// `add_execution_worker` on an execution for the server.
    #[error("execution {id} is not a Scale Out execution")]
    NotScaleOut {
        /// The execution.
        id: i64,
    },
    /// Only added workers are allowed, and none was added.
    #[error("execution {id} allows only workers added to it, and none was added")]
    NoWorkerAllowed {
        /// The execution.
        id: i64,
    },
    /// Scale Out was not turned on.
    #[error("Scale Out is not enabled in this catalog")]
    ScaleOutDisabled,
    /// No such worker.
    #[error("there is no worker `{worker}`")]
    WorkerMissing {
        /// The id.
        worker: Uuid,
    },
    /// A worker id under a certificate that is not its own.
    #[error("worker `{worker}` belongs to another certificate than `{thumbprint}`")]
    ForeignCertificate {
        /// The id claimed.
        worker: Uuid,
        /// The certificate shown.
        thumbprint: String,
    },
    /// An attempt that is no longer in force.
    #[error("attempt {attempt} of execution {execution_id} is not this worker's any more")]
    StaleAttempt {
        /// The execution.
        execution_id: i64,
        /// The attempt.
        attempt: u32,
    },
    /// What a project is not or has not.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// Something about environments.
    #[error(transparent)]
    Environment(Box<EnvironmentError>),
    /// Something about logging levels, data taps, dumps or validations.
    #[error(transparent)]
    Diagnostics(#[from] DiagnosticsError),
    /// A child package is not started.
    #[error(transparent)]
    Child(#[from] ChildPackageError),
    /// Why the catalog cannot be configured or cleaned.
    #[error(transparent)]
    Upkeep(#[from] UpkeepError),
    /// Jobs and their schedules.
    #[error(transparent)]
    Job(#[from] JobError),
    /// Why an execution cannot be put into the queue.
    #[error(transparent)]
    Scheduling(#[from] SchedulingError),
    /// Permissions, logins and tokens.
    #[error(transparent)]
    Permission(#[from] PermissionError),
    /// A worker that is not let in, or its certificate.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The start of a name with its control characters escaped, which a terminal would obey.
fn readable(name: &str) -> String {
    const MOST: usize = 140;
    let mut shown = String::new();
    for character in name.chars().take(MOST) {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    if name.chars().count() > MOST {
        shown.push('…');
    }
    shown
}
