//! Views that the original does not have: what a report of an execution needs.

use crate::registry::types::SqlType::{Bigint, Bit, Int, Nvarchar, Sysname, UniqueIdentifier};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };

/// `catalog.execution_children`
pub const EXECUTION_CHILDREN: View = View {
    schema: "catalog",
    name: "execution_children",
    summary: "A child package that ran as an execution of its own.",
    columns: &[
        C::new("execution_id", Bigint, "The execution of the parent."),
        C::new("child_execution_id", Bigint, "The execution of the child."),
        C::new("package_name", Nvarchar(Some(260)), "Package of the child."),
        C::new(
            "execution_path",
            Nvarchar(None),
            "Path of the Execute Package task, with iterations.",
        ),
        C::new(
            "occurrence",
            Int,
            "How often the task had run at that path, this time included.",
        ),
        C::new("retry", Int, "Retry of the parent that started it."),
        C::new(
            "worker_agent_id",
            UniqueIdentifier,
            "Worker that runs or ran it.",
        ),
        C::new("worker_name", Nvarchar(Some(256)), "Name of that worker."),
        C::new("status", Int, "As in executions."),
        C::new("created_time", TIME7, "When its parent asked for it."),
        C::new("start_time", TIME7, "When it first started."),
        C::new("end_time", TIME7, "When it ended."),
        C::new("executed_count", Int, "How often it was run."),
        C::new("lost_count", Int, "Attempts whose worker was lost."),
    ],
};

/// `catalog.execution_component_times`
pub const EXECUTION_COMPONENT_TIMES: View = View {
    schema: "catalog",
    name: "execution_component_times",
    summary: "Active and total time of a component in one run of its data flow, in the last attempt.",
    columns: &[
        C::new("execution_id", Bigint, "The execution."),
        C::new("package_name", Nvarchar(Some(260)), "The package."),
        C::new("task_name", Nvarchar(Some(4000)), "The data flow task."),
        C::new("subcomponent_name", Nvarchar(Some(4000)), "The component."),
        C::new("execution_path", Nvarchar(None), "Path with iterations."),
        C::new(
            "active_ms",
            Bigint,
            "Milliseconds that it was active, in all phases together.",
        ),
        C::new(
            "total_ms",
            Bigint,
            "Milliseconds from its first phase to the end of its last.",
        ),
    ],
};

/// `catalog.execution_outputs`
pub const EXECUTION_OUTPUTS: View = View {
    schema: "catalog",
    name: "execution_outputs",
    summary: "A file or table that an execution wrote to.",
    columns: &[
        C::new("output_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new("attempt", Int, "Attempt that wrote it."),
        C::new("name", Nvarchar(Some(4000)), "Component that writes."),
        C::new("target", Nvarchar(None), "File, or connection and table."),
        C::new(
            "rows_written",
            Bigint,
            "Rows that all components of this name received.",
        ),
    ],
};

/// `catalog.execution_report`
pub const EXECUTION_REPORT: View = View {
    schema: "catalog",
    name: "execution_report",
    summary: "An execution in one row: where it ran, how it ended, how much it moved.",
    columns: &[
        C::new("execution_id", Bigint, "The execution."),
        C::new("folder_name", Sysname, "Folder of the project."),
        C::new("project_name", Sysname, "The project."),
        C::new("package_name", Nvarchar(Some(260)), "The package."),
        C::new(
            "worker_agent_id",
            UniqueIdentifier,
            "Worker that runs or ran it.",
        ),
        C::new("worker_name", Nvarchar(Some(256)), "Name of that worker."),
        C::new("status", Int, "As in executions."),
        C::new("status_name", Nvarchar(Some(128)), "The status in words."),
        C::new("created_time", TIME7, "When it was created."),
        C::new("start_time", TIME7, "When it first started."),
        C::new("end_time", TIME7, "When it ended."),
        C::new("duration_ms", Bigint, "Milliseconds from start to end."),
        C::new(
            "rows",
            Bigint,
            "Rows that reached destinations in the last attempt.",
        ),
        C::new("errors", Bigint, "Error messages of the last attempt."),
        C::new("warnings", Bigint, "Warnings of the last attempt."),
        C::new(
            "outputs",
            Nvarchar(None),
            "Where the output is, separated by `; `.",
        ),
        C::new("executed_count", Int, "How often it was run."),
        C::new("lost_count", Int, "Attempts whose worker was lost."),
        C::new(
            "handed_back_count",
            Int,
            "Attempts that their worker gave back, as it was drained or stopped.",
        ),
        C::new("retry_count", Int, "Retries allowed."),
        C::new(
            "log_complete",
            Bit,
            "1 when every event of the last attempt is stored; 0 when some were left out, as a warning \
             SO1309 says.",
        ),
        C::new(
            "processor_ms",
            Bigint,
            "Processor time of the last attempt, milliseconds; NULL until it has ended.",
        ),
        C::new(
            "peak_memory_kb",
            Bigint,
            "Most memory that its process held at a time, KB; NULL until it has ended.",
        ),
    ],
};

/// `catalog.execution_worker_agents`
pub const EXECUTION_WORKER_AGENTS: View = View {
    schema: "catalog",
    name: "execution_worker_agents",
    summary: "A worker that `add_execution_worker` allowed for an execution.",
    columns: &[
        C::new("execution_id", Bigint, "The execution."),
        C::new("worker_agent_id", UniqueIdentifier, "The worker."),
    ],
};
