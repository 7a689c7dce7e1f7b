//! Executions: created, settled, started, stopped.

use crate::model::{PermissionType, Securable};
use crate::registry::permission::{CHANGES_OPERATION, Need, Permission, READ, READ_MODIFY};
use crate::registry::types::SqlType::{
    Bigint, Bit, Int, Nvarchar, Smallint, SqlVariant, UniqueIdentifier,
};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const EXECUTION: P = P::required(
    "@execution_id",
    Bigint,
    "The execution, created and not started.",
);

/// `catalog.create_execution`
pub const CREATE_EXECUTION: Procedure = Procedure {
    schema: "catalog",
    name: "create_execution",
    summary: "Prepares one run of a package, with the values its parameters have now.",
    parameters: &[
        P::required(
            "@folder_name",
            Nvarchar(Some(128)),
            "Folder of the project.",
        ),
        P::required(
            "@project_name",
            Nvarchar(Some(128)),
            "Project of the package.",
        ),
        P::required(
            "@package_name",
            Nvarchar(Some(260)),
            "The package; must be an entry point.",
        ),
        P::optional(
            "@reference_id",
            Bigint,
            "Environment reference to take values from.",
        ),
        P::optional(
            "@use32bitruntime",
            Bit,
            "Recorded; every worker here runs 64 bits.",
        ),
        P::optional(
            "@runinscaleout",
            Bit,
            "1 for Scale Out, 0 for the server; NULL leaves it to DEFAULT_EXECUTION_MODE.",
        )
        .also(&["@runincluster"]),
        P::optional(
            "@useanyworker",
            Bit,
            "0 allows only workers added by `add_execution_worker`.",
        )
        .or("1"),
        P::output("@execution_id", Bigint, "Id of the execution created."),
    ],
    permission: Permission::InScaleOut(&[
        Need::on(
            Securable::Project,
            &[PermissionType::Read, PermissionType::Execute],
        ),
        Need::on(Securable::Environment, READ).when("where a reference is given"),
    ]),
    result_set: None,
};

/// `catalog.set_execution_parameter_value`
pub const SET_EXECUTION_PARAMETER_VALUE: Procedure = Procedure {
    schema: "catalog",
    name: "set_execution_parameter_value",
    summary: "Sets a parameter or an option of one execution.",
    parameters: &[
        EXECUTION,
        P::required(
            "@object_type",
            Smallint,
            "20 for a project parameter, 30 for a package parameter, 50 for an execution option.",
        ),
        P::required(
            "@parameter_name",
            Nvarchar(Some(128)),
            "The parameter or option.",
        ),
        P::required(
            "@parameter_value",
            SqlVariant,
            "Its value in this execution.",
        ),
    ],
    permission: CHANGES_OPERATION,
    result_set: None,
};

/// `catalog.set_execution_property_override_value`
pub const SET_EXECUTION_PROPERTY_OVERRIDE_VALUE: Procedure = Procedure {
    schema: "catalog",
    name: "set_execution_property_override_value",
    summary: "Overrides a property inside the package for one execution.",
    parameters: &[
        EXECUTION,
        P::required(
            "@property_path",
            Nvarchar(Some(4000)),
            r"The property, such as `\Package.Properties[MaximumErrorCount]`.",
        ),
        P::required(
            "@property_value",
            Nvarchar(None),
            "Its value in this execution.",
        ),
        P::required(
            "@sensitive",
            Bit,
            "1 stores the value encrypted and never shows it.",
        ),
    ],
    permission: CHANGES_OPERATION,
    result_set: None,
};

/// `catalog.add_execution_worker`
pub const ADD_EXECUTION_WORKER: Procedure = Procedure {
    schema: "catalog",
    name: "add_execution_worker",
    summary: "Allows a worker to run an execution that was created with `@useanyworker = 0`.",
    parameters: &[
        P::required(
            "@execution_id",
            Bigint,
            "The Scale Out execution, not started.",
        ),
        P::required(
            "@workeragent_id",
            UniqueIdentifier,
            "The worker, as `catalog.worker_agents` shows it.",
        ),
    ],
    permission: CHANGES_OPERATION,
    result_set: None,
};

/// `catalog.start_execution`
pub const START_EXECUTION: Procedure = Procedure {
    schema: "catalog",
    name: "start_execution",
    summary: "Starts an execution; it then waits for a worker.",
    parameters: &[
        EXECUTION,
        P::optional(
            "@retry_count",
            Int,
            "How often a failure is run again; Scale Out only.",
        )
        .or("0"),
    ],
    permission: Permission::On(&[
        Need::on(Securable::Operation, READ_MODIFY),
        Need::on(
            Securable::Project,
            &[PermissionType::Read, PermissionType::Execute],
        ),
        Need::on(Securable::Environment, READ).when("where the execution has a reference"),
    ]),
    result_set: None,
};

/// `catalog.explain_execution`
pub const EXPLAIN_EXECUTION: Procedure = Procedure {
    schema: "catalog",
    name: "explain_execution",
    summary: "Says why an execution has not started, as a code and a sentence.",
    parameters: &[
        P::required("@execution_id", Bigint, "The execution."),
        P::output("@reason_code", Nvarchar(Some(64)), "The code."),
        P::output("@reason", Nvarchar(None), "The sentence."),
        P::output(
            "@hint",
            Nvarchar(None),
            "What to do, where there is something.",
        ),
    ],
    permission: Permission::On(&[Need::on(Securable::Operation, READ)]),
    result_set: None,
};

/// `catalog.stop_operation`
pub const STOP_OPERATION: Procedure = Procedure {
    schema: "catalog",
    name: "stop_operation",
    summary: "Stops an execution or validation.",
    parameters: &[P::required(
        "@operation_id",
        Bigint,
        "The operation to stop.",
    )],
    permission: CHANGES_OPERATION,
    result_set: None,
};
