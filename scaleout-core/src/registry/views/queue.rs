//! Views that the original does not have: what waits and why, and who could run it.

use crate::registry::types::SqlType::{Bigint, Bit, Int, Nvarchar, Sysname, UniqueIdentifier};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };

/// `catalog.waiting_executions`
pub const WAITING_EXECUTIONS: View = View {
    schema: "catalog",
    name: "waiting_executions",
    summary: "An execution or validation that waits for a worker, and why.",
    columns: &[
        C::new("execution_id", Bigint, "The execution."),
        C::new("folder_name", Sysname, "Folder of the project."),
        C::new("project_name", Sysname, "The project."),
        C::new("package_name", Nvarchar(Some(260)), "The package."),
        C::new("caller_name", Nvarchar(Some(128)), "Who started it."),
        C::new("created_time", TIME7, "When it was created."),
        C::new(
            "waiting_since",
            TIME7,
            "Since when it waits; a retry waits anew.",
        ),
        C::new("priority", Int, "Its PRIORITY."),
        C::new("worker_tags", Nvarchar(None), "Its WORKER_TAGS."),
        C::new(
            "concurrency_key",
            Nvarchar(Some(256)),
            "Its CONCURRENCY_KEY.",
        ),
        C::new("concurrency_limit", Int, "Its CONCURRENCY_LIMIT."),
        C::new("package_limit", Int, "Its PACKAGE_LIMIT."),
        C::new("at_most_once", Bit, "Its AT_MOST_ONCE."),
        C::new(
            "reason_code",
            Nvarchar(Some(64)),
            "Why it waits, as a code; IN_TURN in its first seconds.",
        ),
        C::new("reason", Nvarchar(None), "Why it waits, as a sentence."),
    ],
};

/// `catalog.worker_states`
pub const WORKER_STATES: View = View {
    schema: "catalog",
    name: "worker_states",
    summary: "How a worker stands with the scheduler.",
    columns: &[
        C::new("worker_agent_id", UniqueIdentifier, "Id of the worker."),
        C::new("display_name", Nvarchar(Some(256)), "Name to show."),
        C::new("is_enabled", Bit, "1 when it may take executions."),
        C::new("is_draining", Bit, "1 when it gets nothing more."),
        C::new(
            "drain_until",
            TIME7,
            "When it hands back what it still runs; NULL for never.",
        ),
        C::new("max_task_count", Int, "Its MaxTaskCount."),
        C::new("leased_tasks", Int, "Tasks that it holds."),
        C::new(
            "cpu_percent",
            Int,
            "Busy share of its processors at its last heartbeat, 0 to 100.",
        ),
        C::new(
            "free_memory_mb",
            Bigint,
            "Its free memory at its last heartbeat.",
        ),
        C::new(
            "gate",
            Nvarchar(None),
            "Why it asks for no further task although it has a free slot.",
        ),
        C::new(
            "program_version",
            Nvarchar(Some(64)),
            "Version of its program.",
        ),
        C::new("last_online_time", TIME7, "When it was last heard of."),
    ],
};
