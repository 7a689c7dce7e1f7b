//! Looking closer: logging levels, data taps, contexts of messages, validations.

use crate::registry::types::SqlType::{
    Bigint, Bit, Char, Int, Nvarchar, Smallint, SqlVariant, UniqueIdentifier, Varbinary,
};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };

/// `catalog.customized_logging_levels`
pub const CUSTOMIZED_LOGGING_LEVELS: View = View {
    schema: "catalog",
    name: "customized_logging_levels",
    summary: "A logging level of chosen events and statistics.",
    columns: &[
        C::new("level_id", Bigint, "Id."),
        C::new("name", Nvarchar(Some(128)), "Name."),
        C::new("description", Nvarchar(Some(1024)), "What it is for."),
        C::new(
            "profile_value",
            Bigint,
            "Sum of 2^n of the statistics: 0 Execution, 1 Volume, 2 Performance.",
        ),
        C::new(
            "events_value",
            Bigint,
            "Sum of 2^n of the events: 0 to 16, and 32 to 48 with their context.",
        ),
        C::new(
            "created_by_sid",
            Varbinary(Some(85)),
            "SID of the creator; NULL, there are no SIDs here.",
        ),
        C::new("created_by_name", Nvarchar(Some(128)), "Who created it."),
        C::new("created_time", TIME7, "When it was created."),
    ],
};

/// `catalog.event_message_context`
pub const EVENT_MESSAGE_CONTEXT: View = View {
    schema: "catalog",
    name: "event_message_context",
    summary: "A property of something around the source of a message, at that time.",
    columns: &[
        C::new("Context_id", Bigint, "Id."),
        C::new("Event_message_id", Bigint, "The message."),
        C::new(
            "Context_depth",
            Int,
            "1 at the source of the message, 2 around it, and so on.",
        ),
        C::new("Package_path", Nvarchar(None), "Path inside the package."),
        C::new(
            "Context_type",
            Smallint,
            "10 task, 30 sequence, 40 For loop, 50 Foreach loop, 60 package, 70 variable, 80 connection manager.",
        ),
        C::new(
            "Context_source_name",
            Nvarchar(Some(4000)),
            "What has the property.",
        ),
        C::new("Context_source_id", Nvarchar(Some(38)), "Its id."),
        C::new("Property_name", Nvarchar(Some(4000)), "The property."),
        C::new("Property_value", SqlVariant, "Its value."),
        C::new(
            "event_message_guid",
            UniqueIdentifier,
            "Links to event_messages.",
        ),
    ],
};

/// `catalog.executables`
pub const EXECUTABLES: View = View {
    schema: "catalog",
    name: "executables",
    summary: "A task or container that an execution has run.",
    columns: &[
        C::new("executable_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new("executable_name", Nvarchar(Some(4000)), "Its name."),
        C::new("executable_guid", Nvarchar(Some(38)), "Its id."),
        C::new("package_name", Nvarchar(Some(260)), "The package."),
        C::new("package_path", Nvarchar(None), "Path inside the package."),
    ],
};

/// `catalog.execution_data_taps`
pub const EXECUTION_DATA_TAPS: View = View {
    schema: "catalog",
    name: "execution_data_taps",
    summary: "A path of a data flow whose rows an execution also writes into a file.",
    columns: &[
        C::new("data_tap_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new(
            "package_path",
            Nvarchar(None),
            "Path of the data flow task.",
        ),
        C::new(
            "dataflow_path_id_string",
            Nvarchar(Some(4000)),
            "Identification string of the path.",
        ),
        C::new(
            "dataflow_task_guid",
            UniqueIdentifier,
            "Id of the data flow task.",
        ),
        C::new("max_rows", Int, "Most rows to keep; NULL for all."),
        C::new("filename", Nvarchar(Some(4000)), "Name of the file."),
    ],
};

/// `catalog.extended_operation_info`
pub const EXTENDED_OPERATION_INFO: View = View {
    schema: "catalog",
    name: "extended_operation_info",
    summary: "A part of an operation: a package that it validates with one set of values.",
    columns: &[
        C::new("info_id", Bigint, "Id."),
        C::new("operation_id", Bigint, "The operation."),
        C::new("object_name", Nvarchar(Some(260)), "The object."),
        C::new(
            "object_type",
            Smallint,
            "10 folder, 20 project, 30 package, 40 environment, 50 execution.",
        ),
        C::new("reference_id", Bigint, "Environment reference used."),
        C::new("status", Int, "As in operations."),
        C::new("start_time", TIME7, "When it started."),
        C::new("end_time", TIME7, "When it ended."),
    ],
};

/// `catalog.validations`
pub const VALIDATIONS: View = View {
    schema: "catalog",
    name: "validations",
    summary: "A validation of a project or package.",
    columns: &[
        C::new("validation_id", Bigint, "The validation."),
        C::new(
            "environment_scope",
            Char(1),
            "A all references, S one, D none.",
        ),
        C::new("validate_type", Char(1), "F full."),
        C::new("folder_name", Nvarchar(Some(128)), "Folder of the project."),
        C::new("project_name", Nvarchar(Some(128)), "The project."),
        C::new("project_lsn", Bigint, "Version of the project."),
        C::new("use32bitruntime", Bit, "1 when 32 bits were asked for."),
        C::new("reference_id", Bigint, "Environment reference, in scope S."),
        C::new("operation_type", Smallint, "300 project, 301 package."),
        C::new("object_name", Nvarchar(Some(260)), "What is validated."),
        C::new("object_type", Smallint, "20 project, 30 package."),
        C::new("object_id", Bigint, "The project."),
        C::new("start_time", TIME7, "When it started."),
        C::new("end_time", TIME7, "When it ended."),
        C::new(
            "status",
            Int,
            "2 running, 3 canceled, 4 failed, 5 pending, 6 ended unexpectedly, 7 succeeded, 8 stopping.",
        ),
        C::new(
            "caller_sid",
            Varbinary(Some(85)),
            "SID of the caller; NULL, there are no SIDs here.",
        ),
        C::new("caller_name", Nvarchar(Some(128)), "Who called."),
        C::new("process_id", Int, "Process that validates."),
        C::new(
            "stopped_by_sid",
            Varbinary(Some(85)),
            "SID of the stopper; NULL, there are no SIDs here.",
        ),
        C::new("stopped_by_name", Nvarchar(Some(128)), "Who stopped it."),
        C::new("server_name", Nvarchar(Some(128)), "Server of the catalog."),
        C::new(
            "machine_name",
            Nvarchar(Some(128)),
            "Machine of the catalog.",
        ),
        C::new(
            "dump_id",
            UniqueIdentifier,
            "NULL: validations have no dump.",
        ),
    ],
};
