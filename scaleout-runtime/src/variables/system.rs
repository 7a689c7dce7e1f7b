//! System variables: what the runtime knows and packages may read.

use jiff::Timestamp;
use scaleout_core::package::{Executable, Package, TransactionOption, VariableType};
use uuid::Uuid;

use super::cell::Cell;
use super::typed;
use crate::value::TypedValue;

/// What the package itself does not know about its run.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// When the package started.
    pub start: Timestamp,
    /// `ExecutionInstanceGUID`.
    pub instance_id: Uuid,
    /// `ServerExecutionID`: 0 outside a catalog.
    pub execution_id: i64,
    /// `MachineName`
    pub machine_name: String,
    /// `UserName`
    pub user_name: String,
    /// `FailedConfigurations`: their names.
    pub failed_configurations: String,
    /// `ParentContainerGUID`: the Execute Package task that runs it.
    pub parent_id: String,
}

/// The system variables of a package.
#[must_use]
pub fn of_package(package: &Package, facts: &RunFacts) -> Vec<Cell> {
    let (major, minor, build) = package.version;
    let product_version = package
        .root
        .other_properties
        .get("LastModifiedProductVersion");
    let product_version = product_version.map_or("", String::as_str);
    let number = |value: u32| typed::integer(i32::try_from(value).unwrap_or(i32::MAX));
    let texts = [
        (
            "CreatorComputerName",
            package.creator_computer_name.as_str(),
        ),
        ("CreatorName", &package.creator_name),
        ("MachineName", &facts.machine_name),
        ("PackageID", &package.root.id),
        ("PackageName", &package.root.name),
        ("UserName", &facts.user_name),
        ("VersionComment", &package.version_comments),
        // What the designer lists and packages write; the documentation has the one above.
        ("VersionComments", &package.version_comments),
        ("VersionGUID", &package.version_guid),
        ("FailedConfigurations", &facts.failed_configurations),
        ("LastModifiedProductVersion", product_version),
        ("ParentContainerGUID", &facts.parent_id),
    ];
    let instance = facts.instance_id.braced().to_string().to_uppercase();
    let created = typed::literal(&scaleout_core::package::Literal {
        data_type: VariableType::DateTime,
        text: package.creation_date.clone(),
    });
    let mut cells: Vec<Cell> = texts.map(|(name, text)| string(name, text)).into();
    cells.extend([
        string("ExecutionInstanceGUID", &instance),
        cell("CancelEvent", VariableType::Int32, typed::integer(0)),
        date("StartTime", typed::moment(facts.start)),
        date("ContainerStartTime", typed::moment(facts.start)),
        date(
            "CreationDate",
            created.unwrap_or_else(|_| typed::empty(VariableType::DateTime)),
        ),
        flag("InteractiveMode", false),
        flag("OfflineMode", false),
        flag("IgnoreConfigurationsOnLoad", false),
        cell("VersionMajor", VariableType::Int32, number(major)),
        cell("VersionMinor", VariableType::Int32, number(minor)),
        cell("VersionBuild", VariableType::Int32, number(build)),
        cell(
            "ServerExecutionID",
            VariableType::Int64,
            typed::long(facts.execution_id),
        ),
    ]);
    cells
}

/// `System::LocaleID`.
#[must_use]
pub fn locale(locale_id: u32) -> Cell {
    let locale = i32::try_from(locale_id).unwrap_or(0);
    cell("LocaleID", VariableType::Int32, typed::integer(locale))
}

/// The system variables of any executable below the package.
#[must_use]
pub fn of_executable(executable: &Executable, is_task: bool, locale_id: u32) -> Vec<Cell> {
    let mut cells = vec![
        locale(locale_id),
        date("ContainerStartTime", typed::empty(VariableType::DateTime)),
    ];
    if is_task {
        let transaction = match executable.transaction_option {
            TransactionOption::NotSupported => 0,
            TransactionOption::Supported => 1,
            TransactionOption::Required => 2,
        };
        cells.extend([
            string("TaskName", &executable.name),
            string("TaskID", &executable.id),
            string("CreationName", &executable.creation_name),
            cell(
                "TaskTransactionOption",
                VariableType::Int32,
                typed::integer(transaction),
            ),
        ]);
    }
    cells
}

/// The system variables of an event handler; they are set before each run of it.
#[must_use]
pub fn of_event_handler() -> Vec<Cell> {
    let mut cells: Vec<Cell> = [
        "SourceName",
        "SourceID",
        "SourceDescription",
        "SourceParentGUID",
        "ErrorDescription",
        "ProgressDescription",
        "VariableID",
        "VariableName",
        "VariableDescription",
        "VariableValue",
    ]
    .map(|name| string(name, ""))
    .into();
    cells.extend(
        [
            "ErrorCode",
            "PercentComplete",
            "ProgressCountLow",
            "ProgressCountHigh",
        ]
        .map(|name| cell(name, VariableType::Int32, typed::integer(0))),
    );
    // A handler sets it to end itself early.
    cells.push(flag("Cancel", false).writable());
    cells.push(flag("ExecutionStatus", false));
    // The original declares it for OnTaskFailed, and never gives it a value.
    let nothing = typed::empty(VariableType::Empty);
    cells.push(cell("ExecutionValue", VariableType::Empty, nothing));
    cells.push(date(
        "EventHandlerStartTime",
        typed::empty(VariableType::DateTime),
    ));
    cells
}

/// `System::Propagate`, for a handler that does not declare it.
#[must_use]
pub fn propagate() -> Cell {
    flag("Propagate", true).writable()
}

fn cell(name: &str, data_type: VariableType, value: TypedValue) -> Cell {
    Cell::fixed("System", name, data_type, value)
}

fn string(name: &str, text: &str) -> Cell {
    cell(name, VariableType::String, typed::text(text))
}

fn date(name: &str, value: TypedValue) -> Cell {
    cell(name, VariableType::DateTime, value)
}

fn flag(name: &str, value: bool) -> Cell {
    cell(name, VariableType::Boolean, typed::boolean(value))
}
