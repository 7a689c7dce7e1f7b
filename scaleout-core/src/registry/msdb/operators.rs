//! Operators, who are told, and proxies, as which commands run.

use super::SCHEMA;
use crate::registry::permission::Permission;
use crate::registry::types::SqlType::{Int, Nvarchar, Sysname, Tinyint};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const PROXY_ID: P = P::optional(
    "@proxy_id",
    Int,
    "The proxy, by its id; give this or the name.",
);
const PROXY_NAME: P = P::optional(
    "@proxy_name",
    Sysname,
    "The proxy, by its name; give this or the id.",
);

/// `msdb.dbo.sp_add_operator`
pub const SP_ADD_OPERATOR: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_add_operator",
    summary: "Creates an operator: someone who is told how jobs end.",
    parameters: &[
        P::required("@name", Sysname, "The name."),
        P::optional("@enabled", Tinyint, "0 when nobody is told.").or("1"),
        P::optional("@email_address", Nvarchar(Some(100)), "Where mail goes."),
        P::optional(
            "@pager_address",
            Nvarchar(Some(100)),
            "Where pages go, as mail.",
        ),
        P::optional(
            "@webhook_url",
            Nvarchar(Some(400)),
            "What is called with a JSON document, `https://…`, or `http://` on this machine.",
        )
        .extension(),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `msdb.dbo.sp_delete_operator`
pub const SP_DELETE_OPERATOR: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_delete_operator",
    summary: "Deletes an operator; jobs that named it tell nobody.",
    parameters: &[P::required("@name", Sysname, "The name.")],
    permission: Permission::Administrator,
    result_set: None,
};

/// `msdb.dbo.sp_add_proxy`
pub const SP_ADD_PROXY: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_add_proxy",
    summary: "Creates a proxy: a user of the workers' operating system as whom commands run.",
    parameters: &[
        P::required("@proxy_name", Sysname, "The name."),
        P::optional("@enabled", Tinyint, "0 when no step may use it.").or("1"),
        P::optional("@description", Nvarchar(Some(512)), "What it is for."),
        P::optional(
            "@credential_name",
            Sysname,
            "Name of the user on the workers; there is no password, the worker's own rights count.",
        ),
        P::optional(
            "@credential_id",
            Int,
            "Credentials have no ids here; it is refused.",
        ),
        P::output("@proxy_id", Int, "Its id.").may_be_left_out(),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `msdb.dbo.sp_delete_proxy`
pub const SP_DELETE_PROXY: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_delete_proxy",
    summary: "Deletes a proxy that no step uses.",
    parameters: &[PROXY_ID, PROXY_NAME],
    permission: Permission::Administrator,
    result_set: None,
};

/// `msdb.dbo.sp_grant_login_to_proxy`
pub const SP_GRANT_LOGIN_TO_PROXY: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_grant_login_to_proxy",
    summary: "Lets a login name a proxy in steps of its jobs.",
    parameters: &[
        P::required("@login_name", Sysname, "The login."),
        PROXY_ID,
        PROXY_NAME,
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `msdb.dbo.sp_revoke_login_from_proxy`
pub const SP_REVOKE_LOGIN_FROM_PROXY: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_revoke_login_from_proxy",
    summary: "Takes that away; steps that name the proxy fail from then on.",
    parameters: &[
        P::required("@name", Sysname, "The login."),
        PROXY_ID,
        PROXY_NAME,
    ],
    permission: Permission::Administrator,
    result_set: None,
};
