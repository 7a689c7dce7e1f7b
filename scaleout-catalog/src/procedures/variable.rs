//! The environment variable that a call is about.

use scaleout_core::model::identifier::{check_variable_name, name_key};
use scaleout_core::model::variable_value::{canonical_text, type_from_name, type_name};
use scaleout_core::package::VariableType;
use scaleout_core::registry::BoundArguments;
use serde_json::Value;

use super::environment::EnvironmentName;
use crate::access::Rights;
use crate::error::{CatalogError, EnvironmentError, VARIABLE_KIND};
use crate::secrets::Owner;
use crate::store::variables::{self, VariableRow};
use crate::store::{Session, StoreError};

/// `@folder_name`, `@environment_name` and `@variable_name` of a call.
#[derive(Clone, Debug)]
pub struct VariableName {
    environment: EnvironmentName,
    variable: String,
}

impl VariableName {
    /// From the arguments of a call.
    pub fn of(args: &BoundArguments) -> Self {
        Self {
            environment: EnvironmentName::of(args),
            variable: args.text("@variable_name").to_owned(),
        }
    }

    /// The variable; its environment must be there too.
    pub async fn find(
        self,
        session: &mut Session,
        rights: &Rights,
    ) -> Result<VariableRow, CatalogError> {
        let (row, _) = self.find_with_owner(session, rights).await?;
        Ok(row)
    }

    /// The variable, and whose key it is encrypted with when it is sensitive.
    pub async fn find_with_owner(
        self,
        session: &mut Session,
        rights: &Rights,
    ) -> Result<(VariableRow, Owner), CatalogError> {
        let environment = self.environment.find(session, rights).await?;
        let all = variables::all(session, environment.environment_id).await?;
        let known = all.iter().map(|variable| variable.name.clone()).collect();
        let key = name_key(&self.variable);
        let owner = Owner::Environment(environment.environment_id);
        all.into_iter()
            .find(|variable| name_key(&variable.name) == key)
            .map(|variable| (variable, owner))
            .ok_or_else(|| {
                EnvironmentError::VariableMissing {
                    folder: environment.folder_name,
                    environment: environment.name,
                    name: self.variable,
                    known,
                }
                .into()
            })
    }
}

/// Checks the name of a variable.
pub fn check_variable(name: &str) -> Result<(), CatalogError> {
    check_variable_name(name).map_err(|fault| CatalogError::NameNotValid {
        kind: VARIABLE_KIND,
        name: name.to_owned(),
        fault,
    })
}

/// The name of a type that variables can have. Decimal is missing in the original's list, though
/// parameters have it and could not refer to a variable otherwise.
pub fn variable_type(name: &str) -> Result<&'static str, CatalogError> {
    let found = type_from_name(name.trim());
    match found {
        Some(
            VariableType::Boolean
            | VariableType::Byte
            | VariableType::DateTime
            | VariableType::Decimal
            | VariableType::Double
            | VariableType::Int16
            | VariableType::Int32
            | VariableType::Int64
            | VariableType::Single
            | VariableType::String
            | VariableType::UInt32
            | VariableType::UInt64,
        ) => Ok(found.map_or("String", type_name)),
        _ => Err(CatalogError::ValueNotValid {
            name: "@data_type".to_owned(),
            reason: "it is none of the types of environment variables".to_owned(),
            form: "Boolean, Byte, DateTime, Decimal, Double, Int16 (for SByte too), Int32, Int64, Single, \
                   String, UInt32 or UInt64",
        }),
    }
}

/// The stored text of a value of a variable.
pub fn value_text(data_type: &str, name: &str, value: &Value) -> Result<String, CatalogError> {
    let data_type = type_from_name(data_type).ok_or_else(|| StoreError::Damaged {
        column: "data_type".into(),
    })?;
    canonical_text(data_type, value).map_err(|error| CatalogError::ValueNotValid {
        name: name.to_owned(),
        reason: error.to_string(),
        form: error.form(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_spelled_as_the_catalog_does() {
        assert_eq!(variable_type("string").unwrap(), "String");
        assert_eq!(variable_type(" DECIMAL ").unwrap(), "Decimal");
        for unsupported in ["Char", "DBNull", "Object", "SByte", "nvarchar", ""] {
            assert!(variable_type(unsupported).is_err(), "{unsupported}");
        }
    }
}
