//! Logins, their roles and their tokens. SSISDB leaves these to the database server around it.

use crate::registry::permission::Permission;
use crate::registry::types::SqlType::{Bigint, Bit, Int, Nvarchar};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const LOGIN: P = P::required("@login_name", Nvarchar(Some(128)), "The login.");
const ROLE: P = P::required(
    "@role_name",
    Nvarchar(Some(128)),
    "sysadmin, ssis_admin, ssis_cluster_executor, ssis_cluster_worker, ssis_logreader or ssis_monitor.",
);
const CERTIFICATE: P = P::optional(
    "@certificate_thumbprint",
    Nvarchar(Some(64)),
    "SHA-256 thumbprint of the client certificate that logs in as this login.",
);

const fn procedure(
    name: &'static str,
    summary: &'static str,
    permission: Permission,
    parameters: &'static [P],
) -> Procedure {
    Procedure {
        schema: "catalog",
        name,
        summary,
        parameters,
        permission,
        result_set: None,
    }
}

/// `catalog.add_login_role`
pub const ADD_LOGIN_ROLE: Procedure = procedure(
    "add_login_role",
    "Gives a login a role; the role sysadmin is given by a sysadmin only.",
    Permission::Administrator,
    &[LOGIN, ROLE],
);

/// `catalog.create_login`
pub const CREATE_LOGIN: Procedure = procedure(
    "create_login",
    "Creates a login, with a password, a client certificate or both.",
    Permission::Administrator,
    &[
        P::required(
            "@login_name",
            Nvarchar(Some(128)),
            "Name, unique among logins and roles.",
        ),
        P::optional(
            "@password",
            Nvarchar(Some(1024)),
            "Its password, of at least 12 characters.",
        ),
        CERTIFICATE,
        P::output("@principal_id", Int, "Id of the login created.").may_be_left_out(),
    ],
);

/// `catalog.create_token`
pub const CREATE_TOKEN: Procedure = procedure(
    "create_token",
    "Makes a token for the own login; it is shown once and kept as a hash.",
    Permission::OwnLogin,
    &[
        P::optional("@description", Nvarchar(Some(256)), "What it is for."),
        P::optional("@valid_days", Int, "For how many days, at most 366.").or("90"),
        P::output("@token_id", Bigint, "Its number, to revoke it by.").may_be_left_out(),
        P::output("@token", Nvarchar(Some(64)), "The token.").may_be_left_out(),
    ],
);

/// `catalog.delete_login`
pub const DELETE_LOGIN: Procedure = procedure(
    "delete_login",
    "Deletes a login with its tokens and permissions.",
    Permission::Administrator,
    &[LOGIN],
);

/// `catalog.remove_login_role`
pub const REMOVE_LOGIN_ROLE: Procedure = procedure(
    "remove_login_role",
    "Takes a role away from a login; sysadmin is taken by a sysadmin only.",
    Permission::Administrator,
    &[LOGIN, ROLE],
);

/// `catalog.revoke_token`
pub const REVOKE_TOKEN: Procedure = procedure(
    "revoke_token",
    "Revokes a token: the next call with it is refused.",
    Permission::OwnLogin,
    &[P::required(
        "@token_id",
        Bigint,
        "The token, as the view `tokens` shows it.",
    )],
);

/// `catalog.set_login_certificate`
pub const SET_LOGIN_CERTIFICATE: Procedure = procedure(
    "set_login_certificate",
    "Sets the client certificate that logs in as a login, or takes it away.",
    Permission::Administrator,
    &[
        LOGIN,
        P::optional(
            "@certificate_thumbprint",
            Nvarchar(Some(64)),
            "SHA-256 thumbprint; NULL for none.",
        ),
    ],
);

/// `catalog.set_login_enabled`
pub const SET_LOGIN_ENABLED: Procedure = procedure(
    "set_login_enabled",
    "Lets a login in or keeps it out, with all its tokens.",
    Permission::Administrator,
    &[LOGIN, P::required("@is_enabled", Bit, "0 keeps it out.")],
);

/// `catalog.set_login_password`
pub const SET_LOGIN_PASSWORD: Procedure = procedure(
    "set_login_password",
    "Sets a password; tokens that the login got by logging in end.",
    Permission::OwnLogin,
    &[
        LOGIN,
        P::required(
            "@password",
            Nvarchar(Some(1024)),
            "The password, of at least 12 characters.",
        ),
        P::optional(
            "@old_password",
            Nvarchar(Some(1024)),
            "The password until now; needed by who is no administrator.",
        ),
    ],
);
