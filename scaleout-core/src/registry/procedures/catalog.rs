//! The catalog itself: its properties, its upkeep.

use crate::registry::permission::Permission;
use crate::registry::types::SqlType::{Bigint, Bit, Int, Nvarchar, NvarcharUnstated};
use crate::registry::types::{Procedure, ProcedureParameter as P};

/// `catalog.check_schema_version`
pub const CHECK_SCHEMA_VERSION: Procedure = Procedure {
    schema: "catalog",
    name: "check_schema_version",
    summary: "Checks that the schema of the catalog is the one that the master knows.",
    parameters: &[P::required(
        "@use32bitruntime",
        Bit,
        "Recorded nowhere; there is one runtime.",
    )],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.cleanup_server_execution_keys`
pub const CLEANUP_SERVER_EXECUTION_KEYS: Procedure = Procedure {
    schema: "catalog",
    name: "cleanup_server_execution_keys",
    summary: "Removes keys of executions that have ended, or of projects that are gone, a bounded number a call.",
    parameters: &[
        P::required(
            "@cleanup_flag",
            Int,
            "1 for keys of executions, 2 for keys of projects; as SERVER_OPERATION_ENCRYPTION_LEVEL is.",
        ),
        P::optional(
            "@delete_batch_size",
            Int,
            "How many keys to remove in this call.",
        )
        .or("1000"),
        P::output("@keys_removed", Bigint, "Keys that this call removed.").extension(),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `internal.rotate_keys`
pub const ROTATE_KEYS: Procedure = Procedure {
    schema: "internal",
    name: "rotate_keys",
    summary: "Replaces the master key that the keys of all secrets are encrypted with.",
    parameters: &[
        P::optional(
            "@data_keys",
            Bit,
            "1 gives every project and environment a new key too, and encrypts their values anew.",
        )
        .or("0"),
        P::output(
            "@keys_wrapped",
            Bigint,
            "Keys that were encrypted under the new master key.",
        ),
        P::output(
            "@keys_renewed",
            Bigint,
            "Projects and environments that have a new key.",
        ),
        P::output(
            "@values_renewed",
            Bigint,
            "Values that were encrypted anew.",
        ),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `internal.cleanup_server_project_version`
pub const CLEANUP_SERVER_PROJECT_VERSION: Procedure = Procedure {
    schema: "internal",
    name: "cleanup_server_project_version",
    summary: "Removes versions of projects beyond MAX_PROJECT_VERSIONS, a bounded number a call.",
    parameters: &[
        CONTINUED,
        OPERATION,
        P::output(
            "@versions_removed",
            Bigint,
            "Versions that this call removed.",
        ),
        IS_ENABLED,
        IS_FINISHED,
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `internal.cleanup_server_retention_window`
pub const CLEANUP_SERVER_RETENTION_WINDOW: Procedure = Procedure {
    schema: "internal",
    name: "cleanup_server_retention_window",
    summary: "Removes operations that ended before RETENTION_WINDOW, with their logs, a bounded number a call.",
    parameters: &[
        CONTINUED,
        OPERATION,
        OPERATIONS_REMOVED,
        ROWS_REMOVED,
        IS_ENABLED,
        IS_FINISHED,
    ],
    permission: Permission::Administrator,
    result_set: None,
};

const CONTINUED: P = P::optional(
    "@continued_operation_id",
    Bigint,
    "What an earlier call of the same run returned as `@operation_id`.",
);
const OPERATION: P = P::output(
    "@operation_id",
    Bigint,
    "The operation that records the run.",
);
const OPERATIONS_REMOVED: P = P::output(
    "@operations_removed",
    Bigint,
    "Operations that this call removed.",
);
const ROWS_REMOVED: P = P::output(
    "@rows_removed",
    Bigint,
    "All rows that this call removed, messages above all.",
);
const IS_ENABLED: P = P::output("@is_enabled", Bit, "0 when a catalog property forbids it.");
const IS_FINISHED: P = P::output(
    "@is_finished",
    Bit,
    "1 when there is nothing left to remove.",
);

/// `catalog.cleanup_server_log`
pub const CLEANUP_SERVER_LOG: Procedure = Procedure {
    schema: "catalog",
    name: "cleanup_server_log",
    summary: "Removes all operations that have ended, with their logs, however young; a bounded number a call.",
    parameters: &[
        OPERATIONS_REMOVED.extension(),
        ROWS_REMOVED.extension(),
        IS_FINISHED.extension(),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.configure_catalog`
pub const CONFIGURE_CATALOG: Procedure = Procedure {
    schema: "catalog",
    name: "configure_catalog",
    summary: "Sets a property of the catalog.",
    parameters: &[
        P::required(
            "@property_name",
            Nvarchar(Some(255)),
            "The property, as `catalog.catalog_properties` shows it.",
        ),
        P::required(
            "@property_value",
            Nvarchar(Some(255)),
            "Its value from now on.",
        ),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.startup`
pub const STARTUP: Procedure = Procedure {
    schema: "catalog",
    name: "startup",
    summary: "Takes back executions whose worker is gone, without waiting for the master to do it.",
    parameters: &[],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.update_logdb_info`
pub const UPDATE_LOGDB_INFO: Procedure = Procedure {
    schema: "catalog",
    name: "update_logdb_info",
    summary: "Sets what `catalog.master_properties` shows as the server of the logs.",
    parameters: &[
        P::required("@server_name", NvarcharUnstated, "The server."),
        P::required(
            "@connection_string",
            NvarcharUnstated,
            "Not kept: workers send their logs to the master.",
        ),
    ],
    permission: Permission::Administrator,
    result_set: None,
};
