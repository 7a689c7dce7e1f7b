//! Looking closer at executions: data taps, dumps, performance counters.

use crate::registry::permission::{CHANGES_OPERATION, Permission};
use crate::registry::types::SqlType::{Bigint, Int, Nvarchar, UniqueIdentifier};
use crate::registry::types::{Procedure, ProcedureParameter as P, ViewColumn as C};

const EXECUTION: P = P::required(
    "@execution_id",
    Bigint,
    "The execution, created and not started.",
);
const PATH: P = P::required(
    "@dataflow_path_id_string",
    Nvarchar(Some(4000)),
    "Identification string of the path, such as `Paths[Read.Flat File Source Output]`.",
);
const FILE: P = P::required(
    "@data_filename",
    Nvarchar(Some(4000)),
    "Name of the file, which the worker writes into its folder `DataDumps`.",
);
const MAX_ROWS: P = P::optional("@max_rows", Int, "Most rows to keep; all when left out.");
const TAP_ID: P = P::output("@data_tap_id", Bigint, "Id of the tap.").may_be_left_out();

/// `catalog.add_data_tap`
pub const ADD_DATA_TAP: Procedure = Procedure {
    schema: "catalog",
    name: "add_data_tap",
    summary: "Writes the rows over one path of a data flow into a file as well.",
    parameters: &[
        EXECUTION,
        P::required(
            "@task_package_path",
            Nvarchar(None),
            r"Path of the data flow task in the package, such as `\Package\Load`; its case matters.",
        ),
        PATH,
        FILE,
        MAX_ROWS,
        TAP_ID,
    ],
    permission: CHANGES_OPERATION,
    result_set: None,
};

/// `catalog.add_data_tap_by_guid`
pub const ADD_DATA_TAP_BY_GUID: Procedure = Procedure {
    schema: "catalog",
    name: "add_data_tap_by_guid",
    summary: "Writes the rows over one path of a data flow, named by the task's id, into a file.",
    parameters: &[
        EXECUTION,
        P::required(
            "@dataflow_task_guid",
            UniqueIdentifier,
            "Id of the data flow task.",
        ),
        PATH,
        FILE,
        MAX_ROWS,
        TAP_ID,
    ],
    permission: CHANGES_OPERATION,
    result_set: None,
};

/// `catalog.remove_data_tap`
pub const REMOVE_DATA_TAP: Procedure = Procedure {
    schema: "catalog",
    name: "remove_data_tap",
    summary: "Removes a data tap from an execution that was not started.",
    parameters: &[P::required("@data_tap_id", Bigint, "The tap.")],
    permission: CHANGES_OPERATION,
    result_set: None,
};

/// `catalog.create_execution_dump`
pub const CREATE_EXECUTION_DUMP: Procedure = Procedure {
    schema: "catalog",
    name: "create_execution_dump",
    summary: "Has the worker write a dump of a running package, which goes on then.",
    parameters: &[P::required(
        "@execution_id",
        Bigint,
        "The running execution.",
    )],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.dm_execution_performance_counters`, a function in the original.
pub const DM_EXECUTION_PERFORMANCE_COUNTERS: Procedure = Procedure {
    schema: "catalog",
    name: "dm_execution_performance_counters",
    summary: "What running executions have read and written, and the memory they hold.",
    parameters: &[P::optional(
        "@execution_id",
        Bigint,
        "One running execution; NULL for all that the caller may see.",
    )],
    permission: CHANGES_OPERATION,
    result_set: Some(&[
        C::new("execution_id", Bigint, "The execution."),
        C::new("counter_name", Nvarchar(Some(128)), "The counter."),
        C::new("counter_value", Bigint, "Its value."),
    ]),
};
