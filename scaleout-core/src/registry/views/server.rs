//! The catalog itself: folders, properties, workers.

use crate::registry::types::SqlType::{
    Bigint, Bit, Nvarchar, Sysname, UniqueIdentifier, Varbinary,
};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };

/// `catalog.catalog_properties`
pub const CATALOG_PROPERTIES: View = View {
    schema: "catalog",
    name: "catalog_properties",
    summary: "A property of the catalog.",
    columns: &[
        C::new("property_name", Nvarchar(Some(256)), "Name."),
        C::new("property_value", Nvarchar(Some(256)), "Value as text."),
    ],
};

/// `catalog.folders`
pub const FOLDERS: View = View {
    schema: "catalog",
    name: "folders",
    summary: "A folder.",
    columns: &[
        C::new("id", Bigint, "Id.").also(&["folder_id"]),
        C::new("name", Sysname, "Name, unique in the catalog."),
        C::new("description", Nvarchar(Some(1024)), "Description."),
        C::new(
            "created_by_sid",
            Varbinary(Some(85)),
            "SID of the creator; NULL, there are no SIDs here.",
        ),
        C::new("created_by_name", Nvarchar(Some(128)), "Who created it."),
        C::new("created_time", TIME7, "When it was created."),
    ],
};

/// `catalog.master_properties`
pub const MASTER_PROPERTIES: View = View {
    schema: "catalog",
    name: "master_properties",
    summary: "A property of the Scale Out Master.",
    columns: &[
        C::new("property_name", Nvarchar(Some(256)), "Name."),
        C::new("property_value", Nvarchar(None), "Value as text."),
    ],
};

/// `catalog.masters`
pub const MASTERS: View = View {
    schema: "catalog",
    name: "masters",
    summary: "A master that works on the catalog; several may where it is on a server.",
    columns: &[
        C::new(
            "address",
            Nvarchar(None),
            "Where workers and people reach it.",
        ),
        C::new("machine_name", Nvarchar(Some(256)), "Host name."),
        C::new("process_id", Bigint, "Its process there."),
        C::new("program_version", Nvarchar(Some(64)), "Its version."),
        C::new(
            "thumbprint",
            Nvarchar(Some(64)),
            "Thumbprint of its certificate.",
        ),
        C::new("started_time", TIME7, "When it was started."),
        C::new(
            "last_online_time",
            TIME7,
            "When it last said that it is there.",
        ),
    ],
};

/// `catalog.worker_agents`
pub const WORKER_AGENTS: View = View {
    schema: "catalog",
    name: "worker_agents",
    summary: "A worker that has registered.",
    columns: &[
        C::new("WorkerAgentId", UniqueIdentifier, "Id of the worker."),
        C::new("IsEnabled", Bit, "1 when it may take executions."),
        C::new("DisplayName", Nvarchar(Some(256)), "Name to show."),
        C::new("Description", Nvarchar(Some(256)), "Description."),
        C::new("MachineName", Nvarchar(Some(256)), "Host name.").also(&["computerName"]),
        C::new("Tags", Nvarchar(None), "Tags."),
        C::new(
            "UserAccount",
            Nvarchar(Some(256)),
            "Account that runs its service.",
        ),
        C::new("LastOnlineTime", TIME7, "When it was last heard of."),
    ],
};
