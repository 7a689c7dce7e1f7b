//! The values of parameters in one execution, and `CM.*` parameters.

use scaleout_core::package::project::Project;
use scaleout_core::package::{ConnectionManager, Package, Parameter};
use scaleout_core::protocol::task::ParameterValue;

use super::connection_property;
use super::error::{PropertyError, SettleError};
use super::value::PropertyValue;
use crate::variables::{Cell, PACKAGE_PARAMETERS, PROJECT_PARAMETERS, typed};

/// Prefix of parameters that set a property of a connection manager.
const CONNECTION_PREFIX: &str = "CM.";

/// Whether a required parameter may be without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It stops the start.
    Refused,
    /// Before an execution: nobody has given values yet.
    Allowed,
}

/// The parameters of a project as cells.
///
/// # Errors
/// [`SettleError`] for the first value that is missing or does not fit.
pub fn project_cells(
    project: &Project,
    given: &[ParameterValue],
    missing: Missing,
) -> Result<Vec<Cell>, SettleError> {
    cells(PROJECT_PARAMETERS, &project.parameters, given, missing)
}

/// The parameters of a package as cells.
///
/// # Errors
/// [`SettleError`] for the first value that is missing or does not fit.
pub fn package_cells(
    package: &Package,
    given: &[ParameterValue],
    missing: Missing,
) -> Result<Vec<Cell>, SettleError> {
    cells(PACKAGE_PARAMETERS, &package.parameters, given, missing)
}

/// Sets the connection properties that `CM.<connection>.<property>` values name.
///
/// # Errors
/// [`SettleError::ConnectionParameter`] naming what does not exist.
pub fn apply_to_connections(
    managers: &mut [ConnectionManager],
    given: &[ParameterValue],
) -> Result<(), SettleError> {
    for value in given {
        let (Some(path), Some(text)) = (value.name.strip_prefix(CONNECTION_PREFIX), &value.value)
        else {
            continue;
        };
        apply_one(managers, path, text).map_err(|source| SettleError::ConnectionParameter {
            name: value.name.clone(),
            source,
        })?;
    }
    Ok(())
}

fn apply_one(
    managers: &mut [ConnectionManager],
    path: &str,
    text: &str,
) -> Result<(), PropertyError> {
    // The name of a connection manager may hold dots, that of a property never does.
    let (name, property) = path.rsplit_once('.').unwrap_or((path, ""));
    let manager = managers.iter_mut().find(|manager| manager.name == name);
    let manager = manager.ok_or_else(|| PropertyError::Missing {
        object: "the package".to_owned(),
        what: "connection manager",
        name: name.to_owned(),
    })?;
    connection_property::set(manager, property, &PropertyValue::from_text(text))
}

fn cells(
    namespace: &str,
    parameters: &[Parameter],
    given: &[ParameterValue],
    missing: Missing,
) -> Result<Vec<Cell>, SettleError> {
    for value in given {
        let declared = parameters.iter().any(|of| of.name == value.name);
        if !declared && !value.name.starts_with(CONNECTION_PREFIX) {
            let name = format!("{namespace}::{}", value.name);
            return Err(SettleError::UnknownParameter { name });
        }
    }
    parameters
        .iter()
        .map(|parameter| cell(namespace, parameter, given, missing))
        .collect()
}

fn cell(
    namespace: &str,
    parameter: &Parameter,
    given: &[ParameterValue],
    missing: Missing,
) -> Result<Cell, SettleError> {
    let name = format!("{namespace}::{}", parameter.name);
    // The last value given wins, as it would have when it was set.
    let values = given.iter().rev();
    let own = values
        .filter(|value| value.name == parameter.name)
        .find_map(|value| value.value.as_deref());
    if own.is_none() && parameter.required && missing == Missing::Refused {
        return Err(SettleError::RequiredParameter { name });
    }
    let text = own.or(parameter.value.as_deref());
    let value = match text {
        None => typed::empty(parameter.data_type),
        Some(text) => typed::parameter(parameter.data_type, text)
            .map_err(|reason| SettleError::Value { name, reason })?,
    };
    let cell = Cell::fixed(namespace, &parameter.name, parameter.data_type, value);
    let given_as_secret = given
        .iter()
        .any(|value| value.name == parameter.name && value.sensitive);
    Ok(match parameter.sensitive || given_as_secret {
        true => cell.hidden(),
        false => cell,
    })
}
