//! Environments and their variables.

use crate::model::{PermissionType, Securable};
use crate::registry::permission::{CHANGES_ENVIRONMENT, MODIFY, Need, Permission, READ_MODIFY};
use crate::registry::types::SqlType::{Bit, Nvarchar, SqlVariant};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const FOLDER: P = P::required(
    "@folder_name",
    Nvarchar(Some(128)),
    "Folder of the environment.",
);
const ENVIRONMENT: P = P::required("@environment_name", Nvarchar(Some(128)), "The environment.");
const VARIABLE: P = P::required("@variable_name", Nvarchar(Some(128)), "The variable.");
const PROPERTY: P = P::required(
    "@property_name",
    Nvarchar(Some(128)),
    "Which property; only Description can be set.",
);
const SENSITIVE: P = P::required(
    "@sensitive",
    Bit,
    "1 to keep the value encrypted and never show it, 0 to keep it in plain text.",
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

/// `catalog.create_environment`
pub const CREATE_ENVIRONMENT: Procedure = procedure(
    "create_environment",
    "Creates an environment in a folder.",
    Permission::On(&[Need::on(Securable::Folder, READ_MODIFY)
        .or(&[PermissionType::Read, PermissionType::CreateObjects])]),
    &[
        FOLDER,
        P::required(
            "@environment_name",
            Nvarchar(Some(128)),
            "Name, unique in the folder.",
        ),
        P::optional(
            "@environment_description",
            Nvarchar(Some(1024)),
            "Description.",
        ),
    ],
);

/// `catalog.delete_environment`
pub const DELETE_ENVIRONMENT: Procedure = procedure(
    "delete_environment",
    "Deletes an environment and its variables; references to it stay and lead nowhere.",
    CHANGES_ENVIRONMENT,
    &[FOLDER, ENVIRONMENT],
);

/// `catalog.rename_environment`
pub const RENAME_ENVIRONMENT: Procedure = procedure(
    "rename_environment",
    "Gives an environment another name; references keep the name they have.",
    Permission::On(&[Need::on(Securable::Environment, MODIFY)]),
    &[
        FOLDER,
        P::required("@environment_name", Nvarchar(Some(128)), "The name it has."),
        P::required(
            "@new_environment_name",
            Nvarchar(Some(128)),
            "The name it gets.",
        ),
    ],
);

/// `catalog.move_environment`
pub const MOVE_ENVIRONMENT: Procedure = procedure(
    "move_environment",
    "Moves an environment to another folder; references keep the folder they have.",
    Permission::On(&[
        Need::on(Securable::Environment, READ_MODIFY),
        Need::on(Securable::Folder, &[PermissionType::CreateObjects]).when("that it goes to"),
    ]),
    &[
        P::required("@source_folder", Nvarchar(Some(128)), "Folder it is in."),
        ENVIRONMENT,
        P::required(
            "@destination_folder",
            Nvarchar(Some(128)),
            "Folder it goes to.",
        ),
    ],
);

/// `catalog.set_environment_property`
pub const SET_ENVIRONMENT_PROPERTY: Procedure = procedure(
    "set_environment_property",
    "Sets the description of an environment.",
    CHANGES_ENVIRONMENT,
    &[
        FOLDER,
        ENVIRONMENT,
        PROPERTY,
        P::required("@property_value", Nvarchar(Some(1024)), "The value."),
    ],
);

/// `catalog.create_environment_variable`
pub const CREATE_ENVIRONMENT_VARIABLE: Procedure = procedure(
    "create_environment_variable",
    "Creates a variable in an environment.",
    CHANGES_ENVIRONMENT,
    &[
        FOLDER,
        ENVIRONMENT,
        P::required(
            "@variable_name",
            Nvarchar(Some(128)),
            "Name, unique in the environment.",
        ),
        P::required(
            "@data_type",
            Nvarchar(Some(128)),
            "Type of the value, such as String, Int32, Boolean or DateTime.",
        ),
        SENSITIVE,
        P::required("@value", SqlVariant, "The value."),
        P::required("@description", Nvarchar(Some(1024)), "Description."),
    ],
);

/// `catalog.delete_environment_variable`
pub const DELETE_ENVIRONMENT_VARIABLE: Procedure = procedure(
    "delete_environment_variable",
    "Deletes a variable of an environment.",
    CHANGES_ENVIRONMENT,
    &[FOLDER, ENVIRONMENT, VARIABLE],
);

/// `catalog.set_environment_variable_value`
pub const SET_ENVIRONMENT_VARIABLE_VALUE: Procedure = procedure(
    "set_environment_variable_value",
    "Sets the value of a variable, for every execution created from now on.",
    CHANGES_ENVIRONMENT,
    &[
        FOLDER,
        ENVIRONMENT,
        VARIABLE,
        P::required("@value", SqlVariant, "The value."),
    ],
);

/// `catalog.set_environment_variable_property`
pub const SET_ENVIRONMENT_VARIABLE_PROPERTY: Procedure = procedure(
    "set_environment_variable_property",
    "Sets the description of a variable.",
    CHANGES_ENVIRONMENT,
    &[
        FOLDER,
        ENVIRONMENT,
        VARIABLE,
        PROPERTY,
        P::required("@property_value", Nvarchar(Some(4000)), "The value."),
    ],
);

/// `catalog.set_environment_variable_protection`
pub const SET_ENVIRONMENT_VARIABLE_PROTECTION: Procedure = procedure(
    "set_environment_variable_protection",
    "Says whether the value of a variable is a secret.",
    CHANGES_ENVIRONMENT,
    &[
        FOLDER,
        ENVIRONMENT,
        VARIABLE,
        SENSITIVE.also(&["@is_sensitive"]),
    ],
);
