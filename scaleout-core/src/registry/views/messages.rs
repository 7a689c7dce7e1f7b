//! What executions tell: messages and statistics.

use crate::registry::types::SqlType::{
    Bigint, Int, Nvarchar, Smallint, SqlVariant, UniqueIdentifier,
};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };

/// `catalog.event_messages`
pub const EVENT_MESSAGES: View = View {
    schema: "catalog",
    name: "event_messages",
    summary: "A message of an operation, with where it comes from.",
    columns: &[
        C::new(
            "Event_message_ID",
            Bigint,
            "Id, the same in operation_messages.",
        ),
        C::new("Operation_id", Bigint, "The operation."),
        C::new("Message_time", TIME7, "When it was raised."),
        C::new(
            "Message_type",
            Smallint,
            "120 error, 110 warning, 70 information, ….",
        ),
        C::new(
            "Message_source_type",
            Smallint,
            "10 procedure, 20 executor, 30 package, 40 task, 50 container, 60 data flow.",
        ),
        C::new("message", Nvarchar(None), "The text."),
        C::new(
            "Extended_info_id",
            Bigint,
            "Row of extended_operation_info.",
        ),
        C::new("Package_name", Nvarchar(Some(260)), "The package."),
        C::new("Event_name", Nvarchar(Some(1024)), "Name of the event."),
        C::new(
            "Message_source_name",
            Nvarchar(Some(4000)),
            "What raised it.",
        ),
        C::new("Message_source_id", Nvarchar(Some(38)), "Its id."),
        C::new(
            "Subcomponent_name",
            Nvarchar(Some(4000)),
            "Data flow component.",
        ),
        C::new("Package_path", Nvarchar(None), "Path inside the package."),
        C::new("Execution_path", Nvarchar(None), "Path with iterations."),
        C::new("threadID", Int, "Thread; NULL, it is not recorded here."),
        C::new("Message_code", Int, "Message code."),
        C::new(
            "event_message_guid",
            UniqueIdentifier,
            "Links to event_message_context.",
        ),
    ],
};

/// `catalog.executable_statistics`
pub const EXECUTABLE_STATISTICS: View = View {
    schema: "catalog",
    name: "executable_statistics",
    summary: "One run of one executable.",
    columns: &[
        C::new("Statistics_id", Bigint, "Id."),
        C::new("Execution_id", Bigint, "The execution."),
        C::new("Executable_id", Bigint, "The executable."),
        C::new("Execution_path", Nvarchar(None), "Path with iterations."),
        C::new("Start_time", TIME7, "When it started."),
        C::new("End_time", TIME7, "When it ended."),
        C::new("Execution_duration", Int, "Milliseconds between the two."),
        C::new(
            "Execution_result",
            Smallint,
            "0 success, 1 failure, 2 completion, 3 canceled.",
        ),
        C::new("Execution_value", SqlVariant, "Its execution value."),
    ],
};

/// `catalog.execution_component_phases`
pub const EXECUTION_COMPONENT_PHASES: View = View {
    schema: "catalog",
    name: "execution_component_phases",
    summary: "Time of one data flow component in one phase.",
    columns: &[
        C::new("phase_stats_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new("package_name", Nvarchar(Some(260)), "The package."),
        C::new("task_name", Nvarchar(Some(4000)), "The data flow task."),
        C::new("subcomponent_name", Nvarchar(Some(4000)), "The component."),
        C::new(
            "phase",
            Nvarchar(Some(128)),
            "Validate, PreExecute, PostExecute, ProcessInput or PrimeOutput.",
        ),
        C::new("start_time", TIME7, "When it started."),
        C::new("end_time", TIME7, "When it ended."),
        C::new("execution_path", Nvarchar(None), "Path with iterations."),
    ],
};

/// `catalog.execution_data_statistics`
pub const EXECUTION_DATA_STATISTICS: View = View {
    schema: "catalog",
    name: "execution_data_statistics",
    summary: "Rows sent over one data flow path in one step.",
    columns: &[
        C::new("data_stats_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new("package_name", Nvarchar(Some(260)), "The package."),
        C::new("task_name", Nvarchar(Some(4000)), "The data flow task."),
        C::new(
            "dataflow_path_id_string",
            Nvarchar(Some(4000)),
            "Identification string of the path.",
        ),
        C::new(
            "dataflow_path_name",
            Nvarchar(Some(4000)),
            "Name of the path.",
        ),
        C::new(
            "source_component_name",
            Nvarchar(Some(4000)),
            "Component that sent the rows.",
        ),
        C::new(
            "destination_component_name",
            Nvarchar(Some(4000)),
            "Component that received them.",
        ),
        C::new("rows_sent", Bigint, "Rows sent in this step."),
        C::new("created_time", TIME7, "When it was created."),
        C::new("execution_path", Nvarchar(None), "Path with iterations."),
    ],
};

/// `catalog.operation_messages`
pub const OPERATION_MESSAGES: View = View {
    schema: "catalog",
    name: "operation_messages",
    summary: "A message of an operation.",
    columns: &[
        C::new("operation_message_id", Bigint, "Id."),
        C::new("operation_id", Bigint, "The operation."),
        C::new("message_time", TIME7, "When it was raised."),
        C::new(
            "message_type",
            Smallint,
            "120 error, 110 warning, 70 information, ….",
        ),
        C::new(
            "message_source_type",
            Smallint,
            "10 procedure, 20 executor, 30 package, 40 task, 50 container, 60 data flow.",
        ),
        C::new("message", Nvarchar(None), "The text."),
        C::new(
            "extended_info_id",
            Bigint,
            "Row of extended_operation_info.",
        ),
    ],
};
