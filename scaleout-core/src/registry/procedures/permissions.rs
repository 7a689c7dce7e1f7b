//! Permissions on objects.

use crate::model::{PermissionType, Securable};
use crate::registry::permission::{Need, Permission};
use crate::registry::types::SqlType::{Bigint, Int, Smallint};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const MANAGE: &[PermissionType] = &[PermissionType::ManagePermissions];
const MANAGES: Permission = Permission::On(&[
    Need::on(Securable::Folder, MANAGE).when("where it is one"),
    Need::on(Securable::Project, MANAGE).when("where it is one"),
    Need::on(Securable::Environment, MANAGE).when("where it is one"),
    Need::on(Securable::Operation, MANAGE).when("where it is one"),
]);
const OBJECT_TYPE: P = P::required(
    "@object_type",
    Smallint,
    "1 folder, 2 project, 3 environment, 4 operation.",
);
const OBJECT_ID: P = P::required("@object_id", Bigint, "Id of the object.");
const PRINCIPAL_ID: P = P::required(
    "@principal_id",
    Int,
    "Id of the login or role, as the view `principals` shows it.",
);
const PERMISSION_TYPES: &str = "1 READ, 2 MODIFY, 3 EXECUTE (projects), 4 MANAGE_PERMISSIONS; on folders also 100 \
                                CREATE_OBJECTS, 101 READ_OBJECTS, 102 MODIFY_OBJECTS, 103 EXECUTE_OBJECTS, \
                                104 MANAGE_OBJECT_PERMISSIONS.";
const OR_ALL: &str = "As for `grant_permission`; all that the object can have if left out.";

/// `catalog.grant_permission`
pub const GRANT_PERMISSION: Procedure = Procedure {
    schema: "catalog",
    name: "grant_permission",
    summary: "Grants a permission on an object; 0 or, with the reason, 1 to 5 is returned.",
    parameters: &[
        OBJECT_TYPE,
        OBJECT_ID,
        PRINCIPAL_ID,
        P::required("@permission_type", Smallint, PERMISSION_TYPES),
    ],
    permission: MANAGES,
    result_set: None,
};

/// `catalog.deny_permission`
pub const DENY_PERMISSION: Procedure = Procedure {
    schema: "catalog",
    name: "deny_permission",
    summary: "Denies a permission on an object, whatever else grants it; returns as `grant_permission`.",
    parameters: &[
        OBJECT_TYPE,
        OBJECT_ID,
        PRINCIPAL_ID,
        P::optional("@permission_type", Smallint, OR_ALL),
    ],
    permission: MANAGES,
    result_set: None,
};

/// `catalog.revoke_permission`
pub const REVOKE_PERMISSION: Procedure = Procedure {
    schema: "catalog",
    name: "revoke_permission",
    summary: "Takes away what was granted or denied on an object; returns as `grant_permission`.",
    parameters: &[
        OBJECT_TYPE,
        OBJECT_ID,
        PRINCIPAL_ID,
        P::optional("@permission_type", Smallint, OR_ALL),
    ],
    permission: MANAGES,
    result_set: None,
};
