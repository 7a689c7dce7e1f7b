//! Projects and the server values of their parameters.

use crate::model::{PermissionType, Securable};
use crate::registry::permission::{CHANGES_PROJECT, MODIFY, Need, Permission, READ, READ_MODIFY};
use crate::registry::types::SqlType::{
    Bigint, Bit, Char, Nvarchar, PackageTable, Smallint, SqlVariant, Varbinary,
};
use crate::registry::types::{Procedure, ProcedureParameter as P, ViewColumn};

const PASSWORD: P = P::optional(
    "@package_password",
    Nvarchar(None),
    "What the files of the project are encrypted with; kept encrypted for the workers.",
)
.extension();

const FOLDER: P = P::required(
    "@folder_name",
    Nvarchar(Some(128)),
    "Folder of the project.",
);
const PROJECT: P = P::required("@project_name", Nvarchar(Some(128)), "The project.");
const OBJECT_TYPE: P = P::required(
    "@object_type",
    Smallint,
    "20 for a project parameter, 30 for a package parameter.",
);

const DEPLOYS: Permission = Permission::On(&[
    Need::on(Securable::Folder, &[PermissionType::CreateObjects]).when("for a new project"),
    Need::on(Securable::Project, MODIFY).when("where it is there already"),
]);

/// `catalog.deploy_project`
pub const DEPLOY_PROJECT: Procedure = Procedure {
    schema: "catalog",
    name: "deploy_project",
    summary: "Stores an `.ispac` as a new project or as the next version of an existing one.",
    parameters: &[
        FOLDER,
        P::required(
            "@project_name",
            Nvarchar(Some(128)),
            "Name of the project; must be the one inside the `.ispac`.",
        ),
        P::required(
            "@project_stream",
            Varbinary(None),
            "Content of the `.ispac`.",
        )
        .also(&["@projectstream"]),
        P::output(
            "@operation_id",
            Bigint,
            "The operation that records the deployment.",
        )
        .may_be_left_out(),
        PASSWORD,
    ],
    permission: DEPLOYS,
    result_set: None,
};

/// `catalog.get_project`
pub const GET_PROJECT: Procedure = Procedure {
    schema: "catalog",
    name: "get_project",
    summary: "Returns the `.ispac` of a project, byte for byte as it was deployed.",
    parameters: &[FOLDER, PROJECT],
    permission: Permission::On(&[Need::on(Securable::Project, READ)]),
    result_set: Some(&[ViewColumn::new(
        "project_stream",
        Varbinary(None),
        "Content of the `.ispac`.",
    )]),
};

/// `catalog.delete_project`
pub const DELETE_PROJECT: Procedure = Procedure {
    schema: "catalog",
    name: "delete_project",
    summary: "Deletes a project; its executions and their logs stay.",
    parameters: &[FOLDER, PROJECT],
    permission: CHANGES_PROJECT,
    result_set: None,
};

/// `catalog.deploy_packages`
pub const DEPLOY_PACKAGES: Procedure = Procedure {
    schema: "catalog",
    name: "deploy_packages",
    summary: "Adds packages to a project, or replaces them, as its next version.",
    parameters: &[
        FOLDER,
        P::required(
            "@project_name",
            Nvarchar(Some(128)),
            "The project; made when it is not there.",
        ),
        P::required(
            "@packages_table",
            PackageTable,
            "Rows of `name` and `package_data`, the content of the `.dtsx`.",
        ),
        P::output(
            "@operation_id",
            Bigint,
            "The operation that records the deployment.",
        )
        .may_be_left_out(),
        PASSWORD,
    ],
    permission: DEPLOYS,
    result_set: None,
};

/// `catalog.restore_project`
pub const RESTORE_PROJECT: Procedure = Procedure {
    schema: "catalog",
    name: "restore_project",
    summary: "Puts an earlier version of a project in force again and returns its `.ispac`.",
    parameters: &[
        FOLDER,
        PROJECT,
        P::required(
            "@object_version_lsn",
            Bigint,
            "The version, as `catalog.object_versions` shows it.",
        ),
        P::optional(
            "@reset_parameters",
            Bit,
            "1 clears all values that were set on the server, as the original does.",
        )
        .or("0")
        .extension(),
        P::output("@parameters_reset", Bigint, "How many values were cleared.").extension(),
    ],
    permission: CHANGES_PROJECT,
    result_set: GET_PROJECT.result_set,
};

/// `catalog.move_project`
pub const MOVE_PROJECT: Procedure = Procedure {
    schema: "catalog",
    name: "move_project",
    summary: "Moves a project with all its versions to another folder.",
    parameters: &[
        P::required("@source_folder", Nvarchar(Some(128)), "Where it is."),
        PROJECT,
        P::required("@destination_folder", Nvarchar(Some(128)), "Where it goes."),
    ],
    permission: Permission::On(&[
        Need::on(Securable::Project, READ_MODIFY),
        Need::on(Securable::Folder, &[PermissionType::CreateObjects]).when("that it goes to"),
    ]),
    result_set: None,
};

/// `catalog.set_object_parameter_value`
pub const SET_OBJECT_PARAMETER_VALUE: Procedure = Procedure {
    schema: "catalog",
    name: "set_object_parameter_value",
    summary: "Sets the server value of a parameter, for every execution created from now on.",
    parameters: &[
        OBJECT_TYPE,
        FOLDER,
        PROJECT,
        P::required("@parameter_name", Nvarchar(Some(128)), "The parameter."),
        P::required(
            "@parameter_value",
            SqlVariant,
            "The value, or the name of an environment variable.",
        ),
        P::optional(
            "@object_name",
            Nvarchar(Some(260)),
            "The package; only for package parameters, and needed there.",
        ),
        P::optional(
            "@value_type",
            Char(1),
            "V for a value, R for the name of a variable.",
        )
        .or("'V'"),
    ],
    permission: CHANGES_PROJECT,
    result_set: None,
};

/// `catalog.clear_object_parameter_value`
pub const CLEAR_OBJECT_PARAMETER_VALUE: Procedure = Procedure {
    schema: "catalog",
    name: "clear_object_parameter_value",
    summary: "Takes the server value of a parameter away, so that the design default counts again.",
    parameters: &[
        FOLDER,
        PROJECT,
        OBJECT_TYPE,
        P::required(
            "@object_name",
            Nvarchar(Some(260)),
            "The package; ignored for project parameters.",
        ),
        P::required("@parameter_name", Nvarchar(Some(128)), "The parameter."),
    ],
    permission: CHANGES_PROJECT,
    result_set: None,
};
