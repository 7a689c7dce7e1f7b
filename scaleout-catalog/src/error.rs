//! Why the catalog refused or failed.

use scaleout_core::error::{Blame, Explain};
use scaleout_core::model::identifier::NameFault;
use scaleout_core::package::PackageError;
use scaleout_core::registry::{ArgumentError, SqlType};
use uuid::Uuid;

use crate::store::StoreError;

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
    #[error("the filter on column `{column}` of view `{view}` is not a `{expected}`: {reason}")]
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
    #[error("`{name}` is not a valid name for a {kind}: {fault}")]
    NameNotValid {
        /// `folder`, `project`, `package`.
        kind: &'static str,
        /// The name.
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
    /// The folder holds projects.
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
    /// Too late: the execution was started.
    #[error("execution {id} was already started")]
    AlreadyStarted {
        /// The execution.
        id: i64,
    },
    /// Nothing left to stop.
    #[error("operation {id} was already stopped or has ended")]
    AlreadyStopped {
        /// The operation.
        id: i64,
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
    #[error("{owner} has no {kind} `{name}`")]
    ParameterMissing {
        /// `execution 7`, `project x`.
        owner: String,
        /// `project parameter`, `package parameter`, `option`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A value that is not of the parameter's type, or out of its range.
    #[error("the value for `{name}` is not valid: {reason}")]
    ValueNotValid {
        /// Parameter, option or property.
        name: String,
        /// What is wrong; never the value.
        reason: String,
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
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CatalogError {
    /// SSISDB's own number for this error. The published sources at hand state none.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        None
    }
}

impl Explain for CatalogError {
    fn code(&self) -> &str {
        match self {
            Self::LocationNotValid { .. } => "SO7001",
            Self::Absent { .. } => "SO7002",
            Self::Argument(error) => error.code(),
            Self::UnknownColumn { .. } => "SO7007",
            Self::FilterNotValid { .. } => "SO7008",
            Self::NotInThisBuild { .. } => "SO7009",
            Self::Forbidden { .. } => "SO7010",
            Self::NameNotValid { .. } => "SO7011",
            Self::FolderExists { .. } => "SO7012",
            Self::FolderMissing { .. } => "SO7013",
            Self::FolderNotEmpty { .. } => "SO7014",
            Self::ProjectMissing { .. } => "SO7015",
            Self::PackageMissing { .. } => "SO7016",
            Self::NotAnEntryPoint { .. } => "SO7017",
            Self::ProjectNameDiffers { .. } => "SO7018",
            Self::DoubleInProject { .. } => "SO7019",
            Self::ProjectUnreadable { source, .. } => source.as_ref().code(),
            Self::OperationMissing { .. } => "SO7020",
            Self::AlreadyStarted { .. } => "SO7021",
            Self::AlreadyStopped { .. } => "SO7022",
            Self::Outdated { .. } => "SO7023",
            Self::ValuesMissing { .. } => "SO7024",
            Self::ParameterMissing { .. } => "SO7025",
            Self::ValueNotValid { .. } => "SO7026",
            Self::PropertyPathNotValid { .. } => "SO7027",
            Self::ReferenceMissing { .. } => "SO7028",
            Self::NotScaleOut { .. } => "SO7029",
            Self::NoWorkerAllowed { .. } => "SO7030",
            Self::ScaleOutDisabled => "SO7031",
            Self::WorkerMissing { .. } => "SO7032",
            Self::ForeignCertificate { .. } => "SO7033",
            Self::StaleAttempt { .. } => "SO7034",
            Self::Store(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Argument(error) => error.blame(),
            Self::Store(error) => error.blame(),
            Self::ProjectUnreadable { source, .. } => source.blame(),
            Self::Forbidden { .. } | Self::ForeignCertificate { .. } => Blame::Forbidden,
            Self::Absent { .. }
            | Self::FolderMissing { .. }
            | Self::ProjectMissing { .. }
            | Self::PackageMissing { .. }
            | Self::OperationMissing { .. }
            | Self::ParameterMissing { .. }
            | Self::ReferenceMissing { .. }
            | Self::WorkerMissing { .. } => Blame::Missing,
            Self::FolderExists { .. }
            | Self::FolderNotEmpty { .. }
            | Self::AlreadyStarted { .. }
            | Self::AlreadyStopped { .. }
            | Self::Outdated { .. }
            | Self::ScaleOutDisabled
            | Self::StaleAttempt { .. } => Blame::Conflict,
            Self::DoubleInProject { .. } => Blame::Unreadable,
            Self::LocationNotValid { .. }
            | Self::UnknownColumn { .. }
            | Self::FilterNotValid { .. }
            | Self::NotInThisBuild { .. }
            | Self::NameNotValid { .. }
            | Self::NotAnEntryPoint { .. }
            | Self::ProjectNameDiffers { .. }
            | Self::ValuesMissing { .. }
            | Self::ValueNotValid { .. }
            | Self::PropertyPathNotValid { .. }
            | Self::NotScaleOut { .. }
            | Self::NoWorkerAllowed { .. } => Blame::Caller,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Argument(error) => return error.hint(),
            Self::Store(error) => return error.hint(),
            Self::ProjectUnreadable { source, .. } => return source.hint(),
            Self::UnknownColumn { known, .. } => {
                return Some(format!("it has {}", known.join(", ")));
            }
            Self::LocationNotValid { .. } => {
                "write `sqlite:PATH`, such as `sqlite:/var/lib/scaleout/catalog.db`"
            }
            Self::Absent { kind: "view", .. } => "`soctl view --list` shows all views",
            Self::Absent { .. } => "`soctl proc --list` shows all procedures",
            Self::Forbidden { .. } => "ask an administrator of the catalog (role `ssis_admin`)",
            Self::FolderMissing { .. } => "`soctl folders list` shows the folders",
            Self::FolderNotEmpty { .. } => "delete its projects first",
            Self::ProjectMissing { .. } => "`soctl projects list` shows the projects",
            Self::PackageMissing { .. } => "`soctl packages list` shows the packages",
            Self::NotAnEntryPoint { .. } => "start the package that runs it",
            Self::ProjectNameDiffers { .. } => "use the name inside the file",
            Self::AlreadyStarted { .. } => "create a new execution",
            Self::Outdated { .. } => "create the execution anew",
            Self::ValuesMissing { .. } => {
                "set them with `set_execution_parameter_value` or `soctl execute --parameter NAME=VALUE`"
            }
            Self::PropertyPathNotValid { .. } => {
                r"write it like `\Package.Variables[User::Name].Value`"
            }
            Self::NoWorkerAllowed { .. } => "call `add_execution_worker` first",
            Self::ScaleOutDisabled => "call `enable_scaleout` or `soctl scaleout enable`",
            Self::WorkerMissing { .. } => "`soctl workers list` shows the workers",
            Self::ForeignCertificate { .. } => {
                "give the worker its own `AgentId`, or its own certificate back"
            }
            Self::FilterNotValid { .. }
            | Self::NotInThisBuild { .. }
            | Self::NameNotValid { .. }
            | Self::FolderExists { .. }
            | Self::DoubleInProject { .. }
            | Self::OperationMissing { .. }
            | Self::AlreadyStopped { .. }
            | Self::ParameterMissing { .. }
            | Self::ValueNotValid { .. }
            | Self::ReferenceMissing { .. }
            | Self::NotScaleOut { .. }
            | Self::StaleAttempt { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
