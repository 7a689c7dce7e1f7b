//! What a worker needs to run one execution.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::child::ParentVariable;
use crate::model::{CustomizedLevel, LoggingLevel};
use crate::package::{PackagePassword, VariableType};

/// One attempt of one execution, as the master hands it to a worker and the worker to an executor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDescription {
    /// The execution.
    pub execution_id: i64,
    /// Fencing number: only this attempt may renew, log or finish.
    pub attempt: u32,
    /// Folder, for system variables and messages.
    pub folder_name: String,
    /// Project.
    pub project_name: String,
    /// Package file name in the project.
    pub package_name: String,
    /// SHA-256 of the project's `.ispac`, lower-case hex: the key of the worker's cache.
    pub project_hash: String,
    /// Values of project parameters.
    pub project_parameters: Vec<ParameterValue>,
    /// Values of package parameters, `CM.*` ones included.
    pub package_parameters: Vec<ParameterValue>,
    /// Property overrides, in the order they were set.
    pub property_overrides: Vec<PropertyOverride>,
    /// Of a package file that dtexec runs: how many of the package's configurations, its first
    /// ones, came with the command line. The package's own win over them and over property overrides
    /// then, as in the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_line_configurations: Option<usize>,
    /// Which events are wanted.
    pub logging_level: LoggingLevel,
    /// What the level `Customized` logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customized_level: Option<CustomizedLevel>,
    /// `DUMP_ON_ERROR`
    #[serde(default)]
    pub dump_on_error: bool,
    /// `DUMP_EVENT_CODE`, where `DUMP_ON_EVENT` is set: message codes that cause a dump.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dump_on_codes: Vec<u32>,
    /// Paths of data flows whose rows are to be kept in files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_taps: Vec<DataTap>,
    /// What is to be validated; nothing is run then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
    /// `SCALE_OUT_CHILD_PACKAGES`: all child packages of the project run as executions of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scale_out_children: bool,
    /// Variables of the parent package, where this is the execution of a child.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parent_variables: Vec<ParentVariable>,
    /// Executions around this one: 0 for one that somebody started, 1 for its child.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
    /// A command of a step of a job; no package is run then. A worker that does not know it fails
    /// the attempt, since there is no project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<TaskCommand>,
    /// Who started it.
    pub caller_name: String,
    /// What the files of the project are encrypted with; absent where they are not, or what is
    /// encrypted is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_password: Option<PackagePassword>,
}

/// `skip_serializing_if` gives a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A command of a step of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCommand {
    /// What runs.
    pub kind: CommandKind,
    /// The user of the operating system as whom it runs; the worker's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The exit code of success.
    pub success_code: i64,
    /// The file that gets the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_file: Option<String>,
    /// Whether it goes behind what is there.
    #[serde(default)]
    pub append: bool,
}

/// What a command runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// A line for the shell.
    Shell(String),
    /// The words of a command line for dtexec.
    Dtexec(Vec<String>),
}

/// A data tap: the rows over one path of a data flow go into a file as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataTap {
    /// The data flow task.
    pub task: TappedTask,
    /// Identification string of the path.
    pub path_id: String,
    /// Name of the file, without a folder.
    pub file_name: String,
    /// Most rows that are kept; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
}

/// How a data tap names its data flow task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TappedTask {
    /// Its path in the package.
    PackagePath(String),
    /// Its id.
    Guid(Uuid),
}

/// What a validation looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// Packages, each with the values that it has in one environment, or without any.
    pub parts: Vec<ValidationPart>,
}

/// One package with one set of values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationPart {
    /// What the result and its messages refer to.
    pub part: i64,
    /// Package file name in the project.
    pub package_name: String,
    /// Values of project parameters.
    pub project_parameters: Vec<ParameterValue>,
    /// Values of package parameters.
    pub package_parameters: Vec<ParameterValue>,
}

/// A parameter with the value it has in one execution.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterValue {
    /// Name, without `$Project::` or `$Package::`.
    pub name: String,
    /// Type.
    pub data_type: VariableType,
    /// Value as text; `None` leaves the design default.
    pub value: Option<String>,
    /// Never shown in logs.
    #[serde(default)]
    pub sensitive: bool,
}

/// A property override: `\Package.Variables[User::X].Value` and its new value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyOverride {
    /// Property path; see [`crate::package::property_path`].
    pub path: String,
    /// New value as text.
    pub value: String,
    /// Never shown in logs.
    #[serde(default)]
    pub sensitive: bool,
}

impl std::fmt::Debug for ParameterValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.sensitive {
            Some("********")
        } else {
            self.value.as_deref()
        };
        write!(f, "{}: {:?} = {value:?}", self.name, self.data_type)
    }
}

impl std::fmt::Debug for PropertyOverride {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.sensitive {
            "********"
        } else {
            &self.value
        };
        write!(f, "{} = {value:?}", self.path)
    }
}
