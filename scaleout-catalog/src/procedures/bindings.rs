//! Values that parameters get from an environment.

use scaleout_core::model::identifier::name_key;

use super::environment::EnvironmentName;
use super::reference;
use crate::access::Rights;
use crate::error::{CatalogError, EnvironmentError};
use crate::store::Session;
use crate::store::executions::UsedReference;
use crate::store::parameters::StoredValue;
use crate::store::projects::ProjectRow;
use crate::store::settled::Bound;
use crate::store::variables::{self, VariableRow};

/// An environment as a reference of a project finds it.
#[derive(Debug)]
pub struct Environment {
    used: UsedReference,
    variables: Vec<VariableRow>,
}

impl Environment {
    /// Follows a reference, which must be the project's.
    pub async fn of(
        session: &mut Session,
        rights: &Rights,
        project: &ProjectRow,
        reference_id: Option<i64>,
    ) -> Result<Option<Self>, CatalogError> {
        let Some(id) = reference_id else {
            return Ok(None);
        };
        let found = reference::find(session, rights, id).await?;
        if found.project_id != project.project_id {
            return Err(CatalogError::ReferenceMissing { id });
        }
        let name = EnvironmentName {
            folder: found.environment_folder().to_owned(),
            environment: found.environment.clone(),
        };
        let environment = name.follow(session, rights).await?;
        Ok(Some(Self {
            variables: variables::all(session, environment.environment_id).await?,
            used: UsedReference {
                reference_id: id,
                reference_type: found.reference_type(),
                folder: environment.folder_name,
                environment: environment.name,
            },
        }))
    }

    /// What is recorded with an execution.
    pub fn used(&self) -> UsedReference {
        self.used.clone()
    }

    /// The value of a parameter as its variable has it: what is plain there may be for a sensitive
    /// parameter.
    pub fn value_for(&self, bound: &Bound) -> Result<&StoredValue, EnvironmentError> {
        Ok(&self.variable_for(bound)?.value)
    }

    fn variable_for(&self, bound: &Bound) -> Result<&VariableRow, EnvironmentError> {
        let key = name_key(&bound.variable);
        let found = self.variables.iter().find(|row| name_key(&row.name) == key);
        match found {
            None => Err(EnvironmentError::ReferencedVariableMissing {
                parameter: bound.name.clone(),
                variable: bound.variable.clone(),
                folder: self.used.folder.clone(),
                environment: self.used.environment.clone(),
                known: self.variables.iter().map(|row| row.name.clone()).collect(),
            }),
            Some(variable) if variable.data_type != bound.data_type => {
                Err(EnvironmentError::VariableTypeDiffers {
                    parameter: bound.name.clone(),
                    parameter_type: bound.data_type.clone(),
                    variable: variable.name.clone(),
                    variable_type: variable.data_type.clone(),
                    environment: self.used.environment.clone(),
                })
            }
            // The parameter would show in clear what the variable hides.
            Some(variable) if variable.sensitive && !bound.sensitive => {
                Err(EnvironmentError::SensitiveVariable {
                    parameter: bound.name.clone(),
                    variable: variable.name.clone(),
                    environment: self.used.environment.clone(),
                })
            }
            Some(variable) => Ok(variable),
        }
    }
}
