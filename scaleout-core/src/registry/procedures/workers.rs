//! Scale Out itself and its workers.

use crate::registry::permission::Permission;
use crate::registry::types::SqlType::{Int, Nvarchar, NvarcharUnstated, UniqueIdentifier};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const WORKER: P = P::required(
    "@WorkerAgentId",
    UniqueIdentifier,
    "The worker, as `catalog.worker_agents` shows it.",
);

/// `catalog.enable_scaleout`
pub const ENABLE_SCALEOUT: Procedure = Procedure {
    schema: "catalog",
    name: "enable_scaleout",
    summary: "Turns Scale Out on for this catalog.",
    parameters: &[],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.enable_worker_agent`
pub const ENABLE_WORKER_AGENT: Procedure = Procedure {
    schema: "catalog",
    name: "enable_worker_agent",
    summary: "Lets a worker take executions.",
    parameters: &[WORKER],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.disable_worker_agent`
pub const DISABLE_WORKER_AGENT: Procedure = Procedure {
    schema: "catalog",
    name: "disable_worker_agent",
    summary: "Gives a worker no further executions; those it runs go on.",
    parameters: &[WORKER],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.drain_worker_agent`
pub const DRAIN_WORKER_AGENT: Procedure = Procedure {
    schema: "catalog",
    name: "drain_worker_agent",
    summary: "Gives a worker no further executions; what it still runs at the deadline it hands back.",
    parameters: &[
        WORKER,
        P::optional(
            "@deadline_seconds",
            Int,
            "How many seconds what runs may take; as long as it likes when left out.",
        ),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.resume_worker_agent`
pub const RESUME_WORKER_AGENT: Procedure = Procedure {
    schema: "catalog",
    name: "resume_worker_agent",
    summary: "Lets a worker that was drained take executions again.",
    parameters: &[WORKER],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.set_worker_agent_property`
pub const SET_WORKER_AGENT_PROPERTY: Procedure = Procedure {
    schema: "catalog",
    name: "set_worker_agent_property",
    summary: "Sets what the catalog shows of a worker.",
    parameters: &[
        WORKER,
        P::required(
            "@PropertyName",
            Nvarchar(Some(256)),
            "DisplayName, Description or Tags.",
        ),
        P::required("@PropertyValue", Nvarchar(None), "Its value from now on."),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.update_master_address`
pub const UPDATE_MASTER_ADDRESS: Procedure = Procedure {
    schema: "catalog",
    name: "update_master_address",
    summary: "Sets the address under which workers reach the master.",
    parameters: &[P::required(
        "@MasterAddress",
        NvarcharUnstated,
        "The address, `https://host:port`.",
    )],
    permission: Permission::Administrator,
    result_set: None,
};
