//! Validations.

use crate::model::Securable;
use crate::registry::permission::{Need, Permission, READ};
use crate::registry::types::SqlType::{Bigint, Bit, Char, Nvarchar};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const FOLDER: P = P::required(
    "@folder_name",
    Nvarchar(Some(128)),
    "Folder of the project.",
);
const PROJECT: P = P::required("@project_name", Nvarchar(Some(128)), "The project.");
const ID: P = P::output("@validation_id", Bigint, "Id of the validation.");
const USE_32_BIT: P = P::optional(
    "@use32bitruntime",
    Bit,
    "Recorded; every worker here runs 64 bits.",
);
const SCOPE: P = P::optional(
    "@environment_scope",
    Char(1),
    "A with all environment references of the project, S with one, D with none.",
)
.or("'D'");
const REFERENCE: P = P::optional("@reference_id", Bigint, "The reference, in scope S.");

const READS_PROJECT: Permission = Permission::On(&[
    Need::on(Securable::Project, READ),
    Need::on(Securable::Environment, READ).when("where references are included"),
]);

/// `catalog.validate_project`
pub const VALIDATE_PROJECT: Procedure = Procedure {
    schema: "catalog",
    name: "validate_project",
    summary: "Has a worker find out what would keep the packages of a project from running.",
    parameters: &[
        FOLDER,
        PROJECT,
        P::optional("@validate_type", Char(1), "F for a full validation.").or("'F'"),
        ID,
        USE_32_BIT,
        SCOPE,
        REFERENCE,
    ],
    permission: READS_PROJECT,
    result_set: None,
};

/// `catalog.validate_package`
pub const VALIDATE_PACKAGE: Procedure = Procedure {
    schema: "catalog",
    name: "validate_package",
    summary: "Has a worker find out what would keep a package from running.",
    parameters: &[
        FOLDER,
        PROJECT,
        P::required("@package_name", Nvarchar(Some(260)), "The package."),
        ID,
        USE_32_BIT,
        SCOPE,
        REFERENCE,
    ],
    permission: READS_PROJECT,
    result_set: None,
};
