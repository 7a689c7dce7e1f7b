//! Operations and executions.

use crate::registry::types::SqlType::{
    Bigint, Bit, Char, Int, Nvarchar, Smallint, SqlVariant, Sysname, UniqueIdentifier, Varbinary,
};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME: SqlType = SqlType::DatetimeOffset { with_digits: false };

/// `catalog.execution_parameter_values`
pub const EXECUTION_PARAMETER_VALUES: View = View {
    schema: "catalog",
    name: "execution_parameter_values",
    summary: "A parameter or option with the value it has in one execution.",
    columns: &[
        C::new("execution_parameter_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new(
            "object_type",
            Smallint,
            "10 folder, 20 project, 30 package, 50 execution.",
        ),
        C::new(
            "parameter_data_type",
            Nvarchar(Some(128)),
            "Type of the value.",
        ),
        C::new("parameter_name", Sysname, "Name of the parameter."),
        C::new(
            "parameter_value",
            SqlVariant,
            "The value; NULL when secret.",
        ),
        C::new("sensitive", Bit, "1 when the value is a secret."),
        C::new("required", Bit, "1 when it must have a value to start."),
        C::new("value_set", Bit, "1 when a value was assigned."),
        C::new("runtime_override", Bit, "1 when set for this execution."),
    ],
};

/// `catalog.execution_property_override_values`
pub const EXECUTION_PROPERTY_OVERRIDE_VALUES: View = View {
    schema: "catalog",
    name: "execution_property_override_values",
    summary: "A property override of one execution.",
    columns: &[
        C::new("property_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new(
            "property_path",
            Nvarchar(Some(4000)),
            "Path of the property.",
        ),
        C::new(
            "property_value",
            Nvarchar(None),
            "The value; NULL when secret.",
        ),
        C::new("sensitive", Bit, "1 when the value is a secret."),
    ],
};

/// `catalog.executions`
pub const EXECUTIONS: View = View {
    schema: "catalog",
    name: "executions",
    summary: "An execution.",
    columns: &[
        C::new("execution_id", Bigint, "The execution."),
        C::new("folder_name", Sysname, "Folder of the project."),
        C::new("project_name", Sysname, "The project."),
        C::new("package_name", Nvarchar(Some(260)), "The package."),
        C::new("reference_id", Bigint, "Environment reference used."),
        C::new("reference_type", Char(1), "R relative, A absolute."),
        C::new(
            "environment_folder_name",
            Nvarchar(Some(128)),
            "Folder of the environment.",
        ),
        C::new("environment_name", Nvarchar(Some(128)), "The environment."),
        C::new("project_lsn", Bigint, "Version of the project."),
        C::new(
            "executed_as_sid",
            Varbinary(Some(85)),
            "SID of the starter; NULL, there are no SIDs here.",
        ),
        C::new("executed_as_name", Nvarchar(Some(128)), "Who started it."),
        C::new("use32bitruntime", Bit, "1 when 32 bits were asked for."),
        C::new("operation_type", Smallint, "What kind of operation."),
        C::new("created_time", TIME, "When it was created."),
        C::new(
            "object_type",
            Smallint,
            "10 folder, 20 project, 30 package, 50 execution.",
        ),
        C::new("object_id", Bigint, "The object concerned."),
        C::new(
            "status",
            Int,
            "1 created, 2 running, 3 canceled, 4 failed, 5 pending, 6 ended unexpectedly, 7 succeeded, 8 stopping, 9 completed.",
        ),
        C::new("start_time", TIME, "When it started."),
        C::new("end_time", TIME, "When it ended."),
        C::new(
            "caller_sid",
            Varbinary(Some(85)),
            "SID of the caller; NULL, there are no SIDs here.",
        ),
        C::new("caller_name", Nvarchar(Some(128)), "Who called."),
        C::new("process_id", Int, "Process that runs it."),
        C::new(
            "stopped_by_sid",
            Varbinary(Some(85)),
            "SID of the stopper; NULL, there are no SIDs here.",
        ),
        C::new("stopped_by_name", Nvarchar(Some(128)), "Who stopped it."),
        C::new("dump_id", UniqueIdentifier, "Its dump."),
        C::new("server_name", Nvarchar(Some(128)), "Server of the catalog."),
        C::new(
            "machine_name",
            Nvarchar(Some(128)),
            "Machine of the catalog.",
        ),
        C::new(
            "worker_agent_id",
            UniqueIdentifier,
            "Worker that runs or ran it.",
        ),
        C::new(
            "total_physical_memory_kb",
            Bigint,
            "Memory of the machine at the start, KB.",
        ),
        C::new(
            "available_physical_memory_kb",
            Bigint,
            "Free memory at the start, KB.",
        ),
        C::new("total_page_file_kb", Bigint, "Page file at the start, KB."),
        C::new(
            "available_page_file_kb",
            Bigint,
            "Free page file at the start, KB.",
        ),
        C::new("cpu_count", Int, "Processors of the machine."),
        C::new(
            "executed_count",
            Int,
            "How often it was run: once, and again for each retry.",
        ),
    ],
};

/// `catalog.operations`
pub const OPERATIONS: View = View {
    schema: "catalog",
    name: "operations",
    summary: "An operation: a deployment, an execution, a stop.",
    columns: &[
        C::new("operation_id", Bigint, "The operation."),
        C::new("operation_type", Smallint, "What kind of operation."),
        C::new("created_time", TIME, "When it was created."),
        C::new(
            "object_type",
            Smallint,
            "10 folder, 20 project, 30 package, 50 execution.",
        ),
        C::new("object_id", Bigint, "The object concerned."),
        C::new("object_name", Nvarchar(Some(260)), "Name of the object."),
        C::new(
            "status",
            Int,
            "1 created, 2 running, 3 canceled, 4 failed, 5 pending, 6 ended unexpectedly, 7 succeeded, 8 stopping, 9 completed.",
        ),
        C::new("start_time", TIME, "When it started."),
        C::new("end_time", TIME, "When it ended."),
        C::new(
            "caller_sid",
            Varbinary(Some(85)),
            "SID of the caller; NULL, there are no SIDs here.",
        ),
        C::new("caller_name", Nvarchar(Some(128)), "Who called."),
        C::new("process_id", Int, "Process that runs it."),
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
    ],
};
