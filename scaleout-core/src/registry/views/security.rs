//! Logins, permissions and the record of who did what.

use crate::registry::types::SqlType::{Bigint, Bit, Int, Nvarchar, Smallint};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };
const OBJECT_TYPE: C = C::new(
    "object_type",
    Smallint,
    "1 folder, 2 project, 3 environment, 4 operation.",
);
const OBJECT_ID: C = C::new("object_id", Bigint, "Id of the object.");
const PERMISSION_TYPE: C = C::new("permission_type", Smallint, "1 to 4 or 100 to 104.");

/// `catalog.effective_object_permissions`
pub const EFFECTIVE_OBJECT_PERMISSIONS: View = View {
    schema: "catalog",
    name: "effective_object_permissions",
    summary: "A permission that the reader has on an object, by itself, a role or the folder.",
    columns: &[OBJECT_TYPE, OBJECT_ID, PERMISSION_TYPE],
};

/// `catalog.explicit_object_permissions`
pub const EXPLICIT_OBJECT_PERMISSIONS: View = View {
    schema: "catalog",
    name: "explicit_object_permissions",
    summary: "A permission granted to or denied a login or role on an object.",
    columns: &[
        OBJECT_TYPE,
        OBJECT_ID,
        C::new("principal_id", Int, "The login or role."),
        PERMISSION_TYPE,
        C::new("is_deny", Bit, "1 when it is denied."),
        C::new("grantor_id", Int, "Who granted or denied it."),
    ],
};

/// `catalog.principals`
pub const PRINCIPALS: View = View {
    schema: "catalog",
    name: "principals",
    summary: "A login or a role, with the id that permissions are granted to.",
    columns: &[
        C::new("principal_id", Int, "Id."),
        C::new("name", Nvarchar(Some(128)), "Name."),
        C::new("type_desc", Nvarchar(Some(60)), "LOGIN or ROLE."),
    ],
};

/// `catalog.logins`
pub const LOGINS: View = View {
    schema: "catalog",
    name: "logins",
    summary: "A login.",
    columns: &[
        C::new("principal_id", Int, "Id."),
        C::new("name", Nvarchar(Some(128)), "Name."),
        C::new("is_enabled", Bit, "0 when it is kept out."),
        C::new("has_password", Bit, "1 when it can log in with a password."),
        C::new(
            "certificate_thumbprint",
            Nvarchar(Some(64)),
            "SHA-256 thumbprint of its client certificate.",
        ),
        C::new("created_by_name", Nvarchar(Some(128)), "Who created it."),
        C::new("created_time", TIME7, "When it was created."),
        C::new("last_login_time", TIME7, "When it last logged in."),
    ],
};

/// `catalog.login_roles`
pub const LOGIN_ROLES: View = View {
    schema: "catalog",
    name: "login_roles",
    summary: "A role of a login; every login has public besides.",
    columns: &[
        C::new("login_name", Nvarchar(Some(128)), "The login."),
        C::new("role_name", Nvarchar(Some(128)), "The role."),
    ],
};

/// `catalog.tokens`
pub const TOKENS: View = View {
    schema: "catalog",
    name: "tokens",
    summary: "A token that lets its login in; the token itself is not kept.",
    columns: &[
        C::new("token_id", Bigint, "Number."),
        C::new("login_name", Nvarchar(Some(128)), "Whose it is."),
        C::new(
            "kind",
            Nvarchar(Some(16)),
            "login from logging in, personal for scripts, local in the master's folder.",
        ),
        C::new("description", Nvarchar(Some(256)), "What it is for."),
        C::new("created_time", TIME7, "When it was made."),
        C::new("expires_time", TIME7, "When it ends; NULL for never."),
    ],
};

/// `catalog.audit_log`
pub const AUDIT_LOG: View = View {
    schema: "catalog",
    name: "audit_log",
    summary: "Who did what, when and from where; no values and no secrets.",
    columns: &[
        C::new("audit_id", Bigint, "Number."),
        C::new("audit_time", TIME7, "When."),
        C::new(
            "login_name",
            Nvarchar(Some(128)),
            "Who, or as whom someone tried.",
        ),
        C::new(
            "address",
            Nvarchar(Some(64)),
            "From where; NULL for the master itself.",
        ),
        C::new(
            "action",
            Nvarchar(Some(128)),
            "The procedure called, or login and logout.",
        ),
        C::new("object", Nvarchar(None), "What it was done to."),
        C::new(
            "outcome",
            Nvarchar(Some(16)),
            "done, or the code of the refusal.",
        ),
    ],
};
