//! References of projects to environments, and the values that parameters get through them.

use crate::model::Securable;
use crate::registry::permission::{MODIFY, Need, Permission, READ, READ_MODIFY};
use crate::registry::types::SqlType::{Bigint, Bit, Char, Nvarchar, Smallint, SqlVariant, Sysname};
use crate::registry::types::{Procedure, ProcedureParameter as P, ViewColumn as C};

const FOLDER: P = P::required(
    "@folder_name",
    Nvarchar(Some(128)),
    "Folder of the project.",
);
const PROJECT: P = P::required("@project_name", Nvarchar(Some(128)), "The project.");
const REFERENCE: P = P::required("@reference_id", Bigint, "The reference.");
const TYPE_MEANING: &str =
    "R relative: in the folder of the project; A absolute: in the folder named.";
const ENVIRONMENT_FOLDER: P = P::optional(
    "@environment_folder_name",
    Nvarchar(Some(128)),
    "Folder of the environment; only for absolute references, and needed there.",
);

/// `catalog.create_environment_reference`
pub const CREATE_ENVIRONMENT_REFERENCE: Procedure = Procedure {
    schema: "catalog",
    name: "create_environment_reference",
    summary: "Lets a project take values from an environment.",
    parameters: &[
        FOLDER,
        PROJECT,
        P::required("@environment_name", Nvarchar(Some(128)), "The environment."),
        P::required("@reference_location", Char(1), TYPE_MEANING),
        ENVIRONMENT_FOLDER,
        P::output("@reference_id", Bigint, "Id of the reference created.").may_be_left_out(),
    ],
    permission: Permission::On(&[
        Need::on(Securable::Project, READ_MODIFY),
        Need::on(Securable::Environment, READ),
    ]),
    result_set: None,
};

/// `catalog.delete_environment_reference`
pub const DELETE_ENVIRONMENT_REFERENCE: Procedure = Procedure {
    schema: "catalog",
    name: "delete_environment_reference",
    summary: "Deletes a reference; the environment stays.",
    parameters: &[REFERENCE],
    permission: Permission::On(&[Need::on(Securable::Project, MODIFY)]),
    result_set: None,
};

/// `catalog.set_environment_reference_type`
pub const SET_ENVIRONMENT_REFERENCE_TYPE: Procedure = Procedure {
    schema: "catalog",
    name: "set_environment_reference_type",
    summary: "Makes a reference relative or absolute.",
    parameters: &[
        REFERENCE,
        P::required("@reference_type", Char(1), TYPE_MEANING),
        ENVIRONMENT_FOLDER,
    ],
    permission: Permission::On(&[
        Need::on(Securable::Project, READ_MODIFY),
        Need::on(Securable::Environment, READ),
    ]),
    result_set: None,
};

/// `catalog.get_parameter_values`
pub const GET_PARAMETER_VALUES: Procedure = Procedure {
    schema: "catalog",
    name: "get_parameter_values",
    summary: "Returns the values that an execution of a package would start with.",
    parameters: &[
        FOLDER,
        PROJECT,
        P::required("@package_name", Nvarchar(Some(260)), "The package."),
        P::optional(
            "@reference_id",
            Bigint,
            "Environment reference that gives values.",
        ),
    ],
    permission: Permission::On(&[
        Need::on(Securable::Project, READ),
        Need::on(Securable::Environment, READ).when("where a reference is given"),
    ]),
    result_set: Some(&[
        C::new(
            "object_type",
            Smallint,
            "20 for a project parameter, 30 for a package parameter.",
        ),
        C::new(
            "parameter_data_type",
            Nvarchar(Some(128)),
            "Type of the value.",
        ),
        C::new("parameter_name", Sysname, "Name of the parameter."),
        C::new(
            "parameter_value",
            SqlVariant,
            "The value; NULL when secret.",
        ),
        C::new("sensitive", Bit, "1 when the value is a secret."),
        C::new("required", Bit, "1 when it must have a value to start."),
        C::new("value_set", Bit, "1 when a value was assigned."),
    ]),
};
