//! What a worker needs to run one execution.

use serde::{Deserialize, Serialize};

use crate::model::LoggingLevel;
use crate::package::VariableType;

/// One attempt of one execution, as the master hands it to a worker and the worker to an executor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Which events are wanted.
    pub logging_level: LoggingLevel,
    /// `DUMP_ON_ERROR`
    #[serde(default)]
    pub dump_on_error: bool,
    /// Who started it.
    pub caller_name: String,
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
