//! The object model of a package: one shape for all format versions.
//!
//! Names follow the SSIS object model. What a task or a component means by its
//! own settings is decided in the runtime, which reads them from
//! [`Task::data`] and [`super::pipeline::Component::properties`].

use std::collections::BTreeMap;

use super::VariableType;
use super::pipeline::Pipeline;
use super::xml::Element;

/// A whole `.dtsx` file.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// `PackageFormatVersion`: 2, 3, 6 or 8.
    pub format_version: u8,
    /// The package as an executable: the root container.
    pub root: Executable,
    /// `ProtectionLevel`; 1 (EncryptSensitiveWithUserKey) where the file says nothing.
    pub protection_level: ProtectionLevel,
    /// Connection managers of the package itself; project ones live in the project.
    pub connection_managers: Vec<ConnectionManager>,
    /// Package parameters (`$Package::Name`).
    pub parameters: Vec<Parameter>,
    /// Log providers.
    pub log_providers: Vec<LogProvider>,
    /// `EnableConfig`.
    pub configurations_enabled: bool,
    /// Package configurations, in file order.
    pub configurations: Vec<Configuration>,
    /// `VersionMajor`, `VersionMinor`, `VersionBuild`.
    pub version: (u32, u32, u32),
    /// `VersionComments`.
    pub version_comments: String,
    /// `VersionGUID`, braced; empty when absent.
    pub version_guid: String,
    /// `CreationDate` as written (US format).
    pub creation_date: String,
    /// `CreatorName`.
    pub creator_name: String,
    /// `CreatorComputerName`.
    pub creator_computer_name: String,
    /// `MaxConcurrentExecutables`; -1 means processors + 2.
    pub max_concurrent_executables: i32,
    /// What the reader could not carry over, such as values encrypted by a user key.
    pub notes: Vec<ReadNote>,
}

/// Something the reader noticed that does not stop the package from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadNote {
    /// Stable code, such as `SO2010`.
    pub code: &'static str,
    /// Property path or file that it concerns.
    pub path: String,
    /// What was found, in one sentence.
    pub message: String,
}

/// `ProtectionLevel` of a package or project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProtectionLevel {
    /// 0
    DontSaveSensitive,
    /// 1, the default
    #[default]
    EncryptSensitiveWithUserKey,
    /// 2
    EncryptSensitiveWithPassword,
    /// 3
    EncryptAllWithPassword,
    /// 4
    EncryptAllWithUserKey,
    /// 5
    ServerStorage,
}

/// Anything the control flow runs: the package, a container, a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Executable {
    /// Path from the root, such as `Package\Sequence\Task`. In formats 2 and 3,
    /// which have no `refId`, it is made from the names in the same way.
    pub ref_id: String,
    /// `DTSID`: braced GUID, as written.
    pub id: String,
    /// `ObjectName`.
    pub name: String,
    /// `Description`.
    pub description: String,
    /// `CreationName` (or `ExecutableType`) exactly as written in the file.
    pub creation_name: String,
    /// Line of its element in the file, for messages.
    pub line: u32,
    /// What it is.
    pub kind: ExecutableKind,
    /// `Disabled`.
    pub disabled: bool,
    /// `DelayValidation`.
    pub delay_validation: bool,
    /// `DisableEventHandlers`.
    pub disable_event_handlers: bool,
    /// `FailPackageOnFailure`.
    pub fail_package_on_failure: bool,
    /// `FailParentOnFailure`.
    pub fail_parent_on_failure: bool,
    /// `MaximumErrorCount` (`MaxErrorCount` in the file); 0 means no limit.
    pub maximum_error_count: u32,
    /// `ForceExecutionResult`.
    pub force_execution_result: ForcedResult,
    /// `ForceExecutionValue`: whether `forced_execution_value` replaces the task's own.
    pub force_execution_value: bool,
    /// `ForcedExecutionValue` (`ExecValue` in the file).
    pub forced_execution_value: Option<Literal>,
    /// `ExecutionValueVariable`: empty when absent.
    pub execution_value_variable: String,
    /// `TransactionOption`.
    pub transaction_option: TransactionOption,
    /// `IsolationLevel` (`ISOLevel` in the file).
    pub isolation_level: i32,
    /// `LocaleID`; -1 means the parent's.
    pub locale_id: i32,
    /// `LoggingOptions`, if the element is there.
    pub logging: Option<LoggingOptions>,
    /// Variables declared in this scope.
    pub variables: Vec<Variable>,
    /// Property expressions.
    pub property_expressions: Vec<PropertyExpression>,
    /// Children, in file order. Empty for tasks.
    pub executables: Vec<Executable>,
    /// Precedence constraints between the children.
    pub precedence_constraints: Vec<PrecedenceConstraint>,
    /// Event handlers of this executable.
    pub event_handlers: Vec<EventHandler>,
    /// Every other property as written: file name of the property to its text
    /// (`SaveCheckpoints`, `CheckpointFileName`, `PackageType`, …).
    pub other_properties: BTreeMap<String, String>,
}

/// What an executable is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExecutableKind {
    /// The root of a package.
    Package,
    /// Sequence container (also an event handler's body).
    Sequence,
    /// For Loop container.
    ForLoop(ForLoop),
    /// Foreach Loop container.
    ForeachLoop(ForeachLoop),
    /// Data Flow task.
    DataFlow(Pipeline),
    /// Any other task.
    Task(Task),
}

/// For Loop container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForLoop {
    /// `InitExpression`; may be empty.
    pub init: String,
    /// `EvalExpression`.
    pub eval: String,
    /// `AssignExpression`; may be empty.
    pub assign: String,
}

/// Foreach Loop container.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeachLoop {
    /// The enumerator's `CreationName`, made canonical: `Microsoft.ForEachFileEnumerator`.
    pub enumerator: String,
    /// The enumerator's object data, unread.
    pub data: Element,
    /// Property expressions on the enumerator.
    pub property_expressions: Vec<PropertyExpression>,
    /// Variable mappings: variable name, 0-based index into the current element.
    pub variable_mappings: Vec<(String, usize)>,
}

/// A task that is not a data flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Canonical creation name, whatever the format: `Microsoft.ExecuteSQLTask`.
    /// A task that the tables do not know keeps its creation name as written.
    pub task_type: String,
    /// Content of `ObjectData`: the root element of the task's own settings
    /// (an empty element when there is none).
    pub data: Element,
}

/// `ForceExecutionResult`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForcedResult {
    /// -1
    #[default]
    None,
    /// 0
    Success,
    /// 1
    Failure,
    /// 2
    Completion,
}

/// `TransactionOption`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransactionOption {
    /// 0
    NotSupported,
    /// 1
    #[default]
    Supported,
    /// 2
    Required,
}

/// A typed value as a file writes it: the text is not yet parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Type of the value.
    pub data_type: VariableType,
    /// Text as written: booleans `-1`/`0` or `True`/`False`, dates in US format.
    pub text: String,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// `Namespace`: `User` mostly.
    pub namespace: String,
    /// `ObjectName`.
    pub name: String,
    /// `DTSID`.
    pub id: String,
    /// `Description`.
    pub description: String,
    /// Value at design time; an Object is empty text.
    pub value: Literal,
    /// `ReadOnly`.
    pub read_only: bool,
    /// `RaiseChangedEvent`.
    pub raise_changed_event: bool,
    /// `EvaluateAsExpression`.
    pub evaluate_as_expression: bool,
    /// `Expression`; may be empty.
    pub expression: String,
    /// `IncludeInDebugDump`: its value may be written into dumps and contexts of messages. Where the
    /// file says nothing, a text may not: it may be a secret.
    pub include_in_dumps: bool,
}

/// A package or project parameter.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Design default; `None` when the file has no value (sensitive, or required).
    pub value: Option<String>,
    /// Type of the value.
    pub data_type: VariableType,
    /// Must have a value to start.
    pub required: bool,
    /// Value is a secret.
    pub sensitive: bool,
}

/// A property expression: sets a property before its object runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyExpression {
    /// Property name; for data flow tasks `[Component].[Property]`.
    pub property: String,
    /// Expression text.
    pub expression: String,
}

/// A precedence constraint between two siblings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecedenceConstraint {
    /// `ObjectName`.
    pub name: String,
    /// `ref_id` of the executable that ends.
    pub from: String,
    /// `ref_id` of the executable that waits.
    pub to: String,
    /// `Value`.
    pub value: ConstraintValue,
    /// `EvalOp`.
    pub eval_op: EvalOp,
    /// `LogicalAnd`: absent means false, that is OR.
    pub logical_and: bool,
    /// `Expression`; may be empty.
    pub expression: String,
}

/// `Value` of a precedence constraint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConstraintValue {
    /// 0, the default
    #[default]
    Success,
    /// 1
    Failure,
    /// 2
    Completion,
    /// 3
    Canceled,
}

/// `EvalOp` of a precedence constraint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EvalOp {
    /// 1
    Expression,
    /// 2, the default
    #[default]
    Constraint,
    /// 3
    ExpressionAndConstraint,
    /// 4
    ExpressionOrConstraint,
}

/// An event handler.
#[derive(Clone, Debug, PartialEq)]
pub struct EventHandler {
    /// `EventName`, such as `OnError`.
    pub event_name: String,
    /// Its body: a sequence whose variables hold `System::Propagate`.
    pub body: Executable,
}

/// A connection manager of a package or of a project (`.conmgr`).
#[derive(Clone, PartialEq)]
pub struct ConnectionManager {
    /// `refId`, such as `Package.ConnectionManagers[X]`; made up where the file has none.
    pub ref_id: String,
    /// `DTSID`: braced GUID.
    pub id: String,
    /// `ObjectName`.
    pub name: String,
    /// `Description`.
    pub description: String,
    /// `CreationName` as written: `OLEDB`, `FLATFILE`, `ADO.NET:SQL`, …
    pub creation_name: String,
    /// `DelayValidation`.
    pub delay_validation: bool,
    /// Property expressions.
    pub property_expressions: Vec<PropertyExpression>,
    /// Inner attributes and properties by name: `ConnectionString`, `Retain`,
    /// `Format`, `CodePage`, … decoded from `_xHHHH_` where the format says so.
    pub properties: BTreeMap<String, String>,
    /// Names of sensitive properties whose value is missing or encrypted.
    pub sensitive_missing: Vec<String>,
    /// Columns of a flat file connection manager, in file order.
    pub flat_file_columns: Vec<FlatFileColumn>,
    /// The body as written, for kinds that need more than `properties`.
    pub data: Element,
}

impl ConnectionManager {
    /// `ConnectionString`, empty when absent.
    #[must_use]
    pub fn connection_string(&self) -> &str {
        self.properties
            .get("ConnectionString")
            .map_or("", String::as_str)
    }
}

/// A column of a flat file connection manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatFileColumn {
    /// `ObjectName`.
    pub name: String,
    /// `ColumnType`: delimited, or else fixed width (the default when absent).
    pub delimited: bool,
    /// `ColumnDelimiter`, decoded.
    pub delimiter: String,
    /// `ColumnWidth`: input width in bytes (characters when Unicode).
    pub width: u32,
    /// `MaximumWidth`: output width.
    pub maximum_width: u32,
    /// `DataType` with its facets.
    pub data_type: super::DataType,
    /// `TextQualified`.
    pub text_qualified: bool,
}

/// A log provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProvider {
    /// `DTSID`.
    pub id: String,
    /// `ObjectName`.
    pub name: String,
    /// `CreationName` as written.
    pub creation_name: String,
    /// `ConfigString`: connection manager name or id.
    pub config_string: String,
}

/// A package configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// `ObjectName`.
    pub name: String,
    /// `ConfigurationType`; absent means 0 (parent variable).
    pub configuration_type: i32,
    /// `ConfigurationString`.
    pub configuration_string: String,
    /// `ConfigurationVariable`: target property path.
    pub configuration_variable: String,
}

/// `LoggingOptions` of an executable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggingOptions {
    /// `LoggingMode`: 0 use parent, 1 enabled, 2 disabled.
    pub mode: u8,
    /// `FilterKind`: 0 the list is what to log, 1 the list is what to leave out.
    pub filter_kind: u8,
    /// Event names of the filter.
    pub events: Vec<String>,
    /// For each event of the filter the columns to write; an event without one has all.
    pub columns: Vec<ColumnFilter>,
    /// Ids of the selected log providers.
    pub providers: Vec<String>,
}

/// The columns that a log entry of one event has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnFilter {
    /// Name of the event.
    pub event: String,
    /// `Computer`, `Operator`, `SourceName`, `SourceID`, `ExecutionID`, `MessageText`, `DataBytes`:
    /// those that are written.
    pub columns: Vec<String>,
}
