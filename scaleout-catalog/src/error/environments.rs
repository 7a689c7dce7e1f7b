//! Errors about environments, their variables and the references to them.

use scaleout_core::error::{Blame, Explain};

use super::CatalogError;

/// What is wrong with an environment, a variable or a reference.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// The project has that reference already.
    #[error(
        "project `{project}` has a reference to environment `{environment}` of that type already"
    )]
    ReferenceExists {
        /// The project.
        project: String,
        /// The environment.
        environment: String,
    },
    /// No such environment.
    #[error(
        "there is no environment `{environment}` in folder `{folder}`, or the caller may not see it"
    )]
    EnvironmentMissing {
        /// The folder.
        folder: String,
        /// The environment.
        environment: String,
    },
    /// The name is taken.
    #[error("an environment `{environment}` exists already in folder `{folder}`")]
    EnvironmentExists {
        /// The folder.
        folder: String,
        /// The environment.
        environment: String,
    },
    /// No such variable.
    #[error("environment `{environment}` of folder `{folder}` has no variable `{name}`")]
    VariableMissing {
        /// The folder.
        folder: String,
        /// The environment.
        environment: String,
        /// The variable.
        name: String,
        /// The names that it has.
        known: Vec<String>,
    },
    /// The name is taken.
    #[error("environment `{environment}` has a variable `{name}` already")]
    VariableExists {
        /// The environment.
        environment: String,
        /// The variable.
        name: String,
    },
    /// A parameter refers to a variable that the environment of the execution has not.
    #[error(
        "parameter `{parameter}` takes its value from variable `{variable}`, which environment \
         `{environment}` of folder `{folder}` does not have"
    )]
    ReferencedVariableMissing {
        /// The parameter.
        parameter: String,
        /// The variable.
        variable: String,
        /// Folder of the environment.
        folder: String,
        /// The environment.
        environment: String,
        /// The names that it has.
        known: Vec<String>,
    },
    /// A parameter refers to a variable of another type.
    #[error(
        "parameter `{parameter}` is of type {parameter_type}, but variable `{variable}` of environment \
         `{environment}` is of type {variable_type}"
    )]
    VariableTypeDiffers {
        /// The parameter.
        parameter: String,
        /// Its type.
        parameter_type: String,
        /// The variable.
        variable: String,
        /// Its type.
        variable_type: String,
        /// The environment.
        environment: String,
    },
    /// A sensitive variable would lay itself open in a parameter that is not.
    #[error(
        "variable `{variable}` of environment `{environment}` is sensitive, and parameter \
         `{parameter}` that refers to it is not"
    )]
    SensitiveVariable {
        /// The parameter.
        parameter: String,
        /// The variable.
        variable: String,
        /// The environment.
        environment: String,
    },
    /// Parameters refer to variables, and the execution was created without a reference.
    #[error(
        "execution {execution_id} was created without an environment reference, and takes from an \
         environment: {}",
        parameters.join(", ")
    )]
    ReferenceNeeded {
        /// The execution.
        execution_id: i64,
        /// All of them.
        parameters: Vec<String>,
    },
}

impl From<EnvironmentError> for CatalogError {
    fn from(error: EnvironmentError) -> Self {
        Self::Environment(Box::new(error))
    }
}

impl Explain for EnvironmentError {
    fn code(&self) -> &str {
        match self {
            Self::EnvironmentMissing { .. } => "SO7050",
            Self::EnvironmentExists { .. } => "SO7051",
            Self::VariableMissing { .. } => "SO7052",
            Self::VariableExists { .. } => "SO7053",
            Self::ReferenceExists { .. } => "SO7054",
            Self::ReferencedVariableMissing { .. } => "SO7055",
            Self::VariableTypeDiffers { .. } => "SO7056",
            Self::SensitiveVariable { .. } => "SO7057",
            Self::ReferenceNeeded { .. } => "SO7058",
        }
    }

    fn number(&self) -> Option<i64> {
        Some(match self {
            Self::EnvironmentMissing { .. } => 27182,
            Self::EnvironmentExists { .. } => 27157,
            Self::VariableMissing { .. } => 27183,
            Self::VariableExists { .. } => 27173,
            Self::ReferenceExists { .. } => 27204,
            Self::ReferencedVariableMissing { .. } => 27207,
            Self::VariableTypeDiffers { .. } => 27148,
            Self::SensitiveVariable { .. } => 27221,
            Self::ReferenceNeeded { .. } => 27202,
        })
    }

    fn blame(&self) -> Blame {
        match self {
            Self::EnvironmentMissing { .. } | Self::VariableMissing { .. } => Blame::Missing,
            Self::EnvironmentExists { .. }
            | Self::VariableExists { .. }
            | Self::ReferenceExists { .. } => Blame::Conflict,
            Self::ReferencedVariableMissing { .. }
            | Self::VariableTypeDiffers { .. }
            | Self::SensitiveVariable { .. }
            | Self::ReferenceNeeded { .. } => Blame::Caller,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::VariableMissing { known, .. } => return known_variables(known),
            Self::ReferencedVariableMissing { known, .. } => {
                return format!(
                    "{}; create the variable there, or let the parameter take a value: \
                     `soctl parameters set` or `soctl parameters clear`",
                    known_variables(known)
                );
            }
            Self::ReferenceExists { .. } => {
                "use the reference that is there: `soctl references list` shows its id"
            }
            Self::EnvironmentMissing { .. } => {
                "`soctl environments list` shows the environments; a reference keeps folder and name \
                 when its environment is renamed or moved"
            }
            Self::EnvironmentExists { .. } => {
                "use the environment that is there, or choose a name that differs by more than case"
            }
            Self::VariableExists { .. } => {
                "set its value with `set_environment_variable_value` or `soctl variables set`"
            }
            Self::SensitiveVariable { .. } => {
                "let the parameter be sensitive in the project, or refer to a variable that is not"
            }
            Self::ReferenceNeeded { .. } => {
                "create the execution with the `@reference_id` of one of the project's environments \
                 (`soctl references list` shows them, `soctl execute --environment` uses one), or set \
                 the values for this execution"
            }
            Self::VariableTypeDiffers { .. } => {
                "delete the variable and create it with the type of the parameter"
            }
        };
        hint.to_owned()
    }
}

/// The variables that could have been meant.
fn known_variables(known: &[String]) -> String {
    const MOST: usize = 40;
    if known.is_empty() {
        return "the environment has no variables at all".to_owned();
    }
    let listed = known[..known.len().min(MOST)].join(", ");
    match known.len() - known.len().min(MOST) {
        0 => format!("the environment has {listed}"),
        more => format!("the environment has {listed} and {more} more"),
    }
}
