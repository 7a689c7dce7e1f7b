//! What a running package tells: events, statistics, its end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One numbered event of one attempt of an execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Number within the attempt, from 1, without gaps.
    pub sequence: u64,
    /// When it was raised.
    pub time: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventBody {
    /// A row of `catalog.event_messages` (and `operation_messages`).
    Message(EventMessage),
    /// A row of `catalog.executable_statistics`: one executable ended once.
    ExecutableEnded(ExecutableStatistics),
    /// Rows that went over one data flow path, so far (cumulative).
    DataStatistics(DataStatistics),
    /// Time spent in one phase of one component.
    ComponentPhase(ComponentPhase),
    /// The package's variables and properties that a report wants, such as where output went.
    Output(OutputNote),
    /// A dump was written, or could not be.
    Dumped(DumpNote),
    /// A package was validated with one set of values.
    Validated(PartResult),
}

/// An event message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMessage {
    /// `OnError`, `OnWarning`, `OnInformation`, `OnPreExecute`, …
    pub event_name: String,
    /// `message_type` of `catalog.operation_messages`: 120 error, 110 warning, 70 information, ….
    pub message_type: i16,
    /// `message_source_type`: 30 package, 40 task, 50 container, 60 data flow, 20 executor.
    pub source_type: i16,
    /// The text, in the shape `Source:Error: …` that SSISDB shows.
    pub message: String,
    /// Package file name.
    pub package_name: String,
    /// Name of the task or container.
    pub source_name: String,
    /// Its id, braced GUID.
    pub source_id: String,
    /// Data flow component, or `SSIS.Pipeline`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcomponent_name: Option<String>,
    /// Path inside the package: `\Package\Sequence\Task`.
    pub package_path: String,
    /// Path with iterations: `\Package\Loop[2]\Task`.
    pub execution_path: String,
    /// SSIS message code as a signed number, such as 0xC0047022; 0 when none.
    pub message_code: i32,
    /// Row of the input that the message is about, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Column that the message is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The part of a validation that the message belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<i64>,
    /// The state of what is around the source, where the logging level asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<ContextEntry>,
}

/// A row of `catalog.event_message_context`: a property at the time of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextEntry {
    /// 1 at the source, 2 around it, ….
    pub depth: u32,
    /// Path inside the package of what has the property.
    pub package_path: String,
    /// `context_type`: 10 task, 30 sequence, 40 For loop, 50 Foreach loop, 60 package,
    /// 70 variable, 80 connection manager.
    pub context_type: i16,
    /// Its name.
    pub source_name: String,
    /// Its id, braced GUID; empty when it has none.
    pub source_id: String,
    /// The property.
    pub property_name: String,
    /// Its value as text; never a secret.
    pub property_value: String,
}

/// One run of one executable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutableStatistics {
    /// Name of the executable.
    pub executable_name: String,
    /// Its id, braced GUID.
    pub executable_guid: String,
    /// Package file name.
    pub package_name: String,
    /// Path inside the package.
    pub package_path: String,
    /// Path with iterations.
    pub execution_path: String,
    /// When it started.
    pub start_time: Timestamp,
    /// When it ended.
    pub end_time: Timestamp,
    /// `execution_result`: 0 success, 1 failure, 2 completion, 3 canceled.
    pub execution_result: i16,
    /// `execution_value` as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_value: Option<String>,
}

/// Rows over one path, cumulative within one run of a data flow task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataStatistics {
    /// Package file name.
    pub package_name: String,
    /// Name of the data flow task.
    pub task_name: String,
    /// Path with iterations of the task.
    pub execution_path: String,
    /// `dataflow_path_id_string`.
    pub path_id: String,
    /// Name of the path.
    pub path_name: String,
    /// Component that sent the rows.
    pub source_component: String,
    /// Component that received them.
    pub destination_component: String,
    /// True if the receiver is a destination: what reports count as rows of the package.
    pub into_destination: bool,
    /// Rows so far.
    pub rows_sent: u64,
}

/// Time of one component in one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentPhase {
    /// Package file name.
    pub package_name: String,
    /// Name of the data flow task.
    pub task_name: String,
    /// Component.
    pub subcomponent_name: String,
    /// `Validate`, `PreExecute`, `PostExecute`, `ProcessInput`, `PrimeOutput`.
    pub phase: String,
    /// First entry into the phase.
    pub start_time: Timestamp,
    /// Last exit from it.
    pub end_time: Timestamp,
    /// Path with iterations of the task.
    pub execution_path: String,
    /// Time active in the phase, microseconds.
    pub active_us: u64,
}

/// Where a package wrote to: a file or a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputNote {
    /// Component that writes.
    pub component: String,
    /// File path, or `connection: table`; never a secret.
    pub target: String,
}

/// A dump that an executor has written, or could not write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpNote {
    /// Its id; the name of the file carries it.
    pub dump_id: Uuid,
    /// File on the machine of the worker; empty when it could not be written.
    pub path: String,
    /// Why it could not be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How one part of a validation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartResult {
    /// As in the task.
    pub part: i64,
    /// Whether the package can run.
    pub valid: bool,
    /// When it was begun.
    pub start_time: Timestamp,
    /// When it was done.
    pub end_time: Timestamp,
}

/// How a package ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageResult {
    /// DTSER_SUCCESS
    Success,
    /// DTSER_FAILURE
    Failure,
    /// DTSER_CANCELED
    Canceled,
}
