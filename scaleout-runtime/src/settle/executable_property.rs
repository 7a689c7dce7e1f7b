//! Properties of executables by their object-model names.

use scaleout_core::package::{
    Executable, ExecutableKind, ForcedResult, Literal, TransactionOption, VariableType,
};

use super::data_flow_property;
use super::error::PropertyError;
use super::task_property;
use super::value::PropertyValue;

/// Sets a property of a package, container or task.
///
/// # Errors
/// [`PropertyError`] when there is no such property or it does not take the value.
pub fn set(
    executable: &mut Executable,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    if set_common(executable, property, value)? {
        return Ok(());
    }
    let name = executable.name.clone();
    let text = || value.text().to_owned();
    match &mut executable.kind {
        ExecutableKind::ForLoop(own) => match property {
            "InitExpression" => own.init = text(),
            "EvalExpression" => own.eval = text(),
            "AssignExpression" => own.assign = text(),
            _ => return Err(PropertyError::unknown(&format!("loop `{name}`"), property)),
        },
        ExecutableKind::DataFlow(pipeline) => {
            return data_flow_property::set(pipeline, &name, property, value);
        }
        ExecutableKind::Task(task) => return task_property::set(task, &name, property, value),
        ExecutableKind::Package if is_package_property(property) => {
            let properties = &mut executable.other_properties;
            properties.insert(property.to_owned(), text());
        }
        _ => return Err(PropertyError::unknown(&format!("`{name}`"), property)),
    }
    Ok(())
}

/// Properties that every executable has; `false` when it is none of them.
fn set_common(
    executable: &mut Executable,
    property: &str,
    value: &PropertyValue,
) -> Result<bool, PropertyError> {
    match property {
        // A rename would break the paths that refer to it: only what is shown changes.
        "Name" => executable.name = value.text().to_owned(),
        "Description" => executable.description = value.text().to_owned(),
        "Disable" | "Disabled" => executable.disabled = value.boolean(property)?,
        "DelayValidation" => executable.delay_validation = value.boolean(property)?,
        "DisableEventHandlers" => executable.disable_event_handlers = value.boolean(property)?,
        "FailPackageOnFailure" => executable.fail_package_on_failure = value.boolean(property)?,
        "FailParentOnFailure" => executable.fail_parent_on_failure = value.boolean(property)?,
        "MaximumErrorCount" => executable.maximum_error_count = value.integer(property)?,
        "ForceExecutionResult" => {
            executable.force_execution_result = forced_result(property, value)?;
        }
        "ForceExecutionValue" => executable.force_execution_value = value.boolean(property)?,
        "ForcedExecutionValue" => {
            let before = executable.forced_execution_value.as_ref();
            executable.forced_execution_value = Some(Literal {
                data_type: before.map_or(VariableType::String, |literal| literal.data_type),
                text: value.text().to_owned(),
            });
        }
        "ExecutionValueVariable" => {
            executable.execution_value_variable = value.text().to_owned();
        }
        "TransactionOption" => executable.transaction_option = transaction(property, value)?,
        "IsolationLevel" => executable.isolation_level = value.integer(property)?,
        "LocaleID" => executable.locale_id = value.integer(property)?,
        "LoggingMode" => {
            let logging = executable.logging.get_or_insert_default();
            logging.mode = value.integer(property)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn forced_result(property: &str, value: &PropertyValue) -> Result<ForcedResult, PropertyError> {
    match value.integer(property)? {
        -1_i32 => Ok(ForcedResult::None),
        0 => Ok(ForcedResult::Success),
        1 => Ok(ForcedResult::Failure),
        2 => Ok(ForcedResult::Completion),
        _ => Err(PropertyError::not_accepted(property, "it is not -1 to 2")),
    }
}

fn transaction(property: &str, value: &PropertyValue) -> Result<TransactionOption, PropertyError> {
    match value.integer(property)? {
        0_i32 => Ok(TransactionOption::NotSupported),
        1 => Ok(TransactionOption::Supported),
        2 => Ok(TransactionOption::Required),
        _ => Err(PropertyError::not_accepted(property, "it is not 0 to 2")),
    }
}

fn is_package_property(property: &str) -> bool {
    const OF_PACKAGE: [&str; 12] = [
        "SaveCheckpoints",
        "CheckpointFileName",
        "CheckpointUsage",
        "PackagePriorityClass",
        "PackageType",
        "SuppressConfigurationWarnings",
        "InteractiveMode",
        "OfflineMode",
        "UpdateObjects",
        "EncryptCheckpoints",
        "DumpOnAnyError",
        "EnableDump",
    ];
    OF_PACKAGE.contains(&property)
}
