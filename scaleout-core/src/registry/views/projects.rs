//! Projects, packages and their parameters.

use crate::registry::types::SqlType::{
    Bigint, Bit, Char, Int, Nvarchar, Smallint, SqlVariant, Sysname, UniqueIdentifier, Varbinary,
};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };
const TIME: SqlType = SqlType::DatetimeOffset { with_digits: false };

/// `catalog.object_parameters`
pub const OBJECT_PARAMETERS: View = View {
    schema: "catalog",
    name: "object_parameters",
    summary: "A parameter of a project or package, with its values on the server.",
    columns: &[
        C::new("parameter_id", Bigint, "Id."),
        C::new("project_id", Bigint, "The project."),
        C::new(
            "object_type",
            Smallint,
            "10 folder, 20 project, 30 package, 50 execution.",
        ),
        C::new("object_name", Sysname, "Name of the object."),
        C::new("parameter_name", Sysname, "Name of the parameter."),
        C::new("data_type", Nvarchar(Some(128)), "Type of the value."),
        C::new("required", Bit, "1 when it must have a value to start."),
        C::new("sensitive", Bit, "1 when the value is a secret."),
        C::new("description", Nvarchar(Some(1024)), "Description."),
        C::new(
            "design_default_value",
            SqlVariant,
            "Value given at design time; NULL when secret.",
        ),
        C::new(
            "default_value",
            SqlVariant,
            "Value set on the server; NULL when secret.",
        ),
        C::new(
            "value_type",
            Char(1),
            "V for a value, R for the name of a variable.",
        ),
        C::new("value_set", Bit, "1 when a value was assigned."),
        C::new(
            "referenced_variable_name",
            Nvarchar(Some(128)),
            "Environment variable that gives the value.",
        ),
        C::new(
            "validation_status",
            Char(1),
            "N not validated, F full, S successful, E failed.",
        ),
        C::new("last_validation_time", TIME7, "When it was last validated."),
    ],
};

/// `catalog.object_versions`
pub const OBJECT_VERSIONS: View = View {
    schema: "catalog",
    name: "object_versions",
    summary: "A version of a project; `catalog.projects` says which one is in force.",
    columns: &[
        C::new("object_version_lsn", Bigint, "The version."),
        C::new("object_id", Bigint, "The project."),
        C::new("object_type", Smallint, "Always 20: a project."),
        C::new("object_name", Sysname, "Name of the project."),
        C::new("description", Nvarchar(Some(1024)), "Its description."),
        C::new("created_by", Nvarchar(Some(128)), "Who deployed it."),
        C::new("created_time", TIME, "When it was deployed."),
        C::new("restored_by", Nvarchar(Some(128)), "Who restored it last."),
        C::new("last_restored_time", TIME, "When it was restored last."),
    ],
};

/// `catalog.packages`
pub const PACKAGES: View = View {
    schema: "catalog",
    name: "packages",
    summary: "A package of the current version of a project.",
    columns: &[
        C::new("package_id", Bigint, "Id."),
        C::new("name", Nvarchar(Some(256)), "Name."),
        C::new("package_guid", UniqueIdentifier, "GUID of the package."),
        C::new("description", Nvarchar(Some(1024)), "Description."),
        C::new("package_format_version", Int, "Format version of the file."),
        C::new("version_major", Int, "Major version."),
        C::new("version_minor", Int, "Minor version."),
        C::new("version_build", Int, "Build."),
        C::new(
            "version_comments",
            Nvarchar(Some(1024)),
            "Comments on the version.",
        ),
        C::new("version_guid", UniqueIdentifier, "GUID of the version."),
        C::new("project_id", Bigint, "The project."),
        C::new("entry_point", Bit, "1 when it may be started directly."),
        C::new(
            "validation_status",
            Char(1),
            "N not validated, F full, S successful, E failed.",
        ),
        C::new("last_validation_time", TIME7, "When it was last validated."),
    ],
};

/// `catalog.projects`
pub const PROJECTS: View = View {
    schema: "catalog",
    name: "projects",
    summary: "A project.",
    columns: &[
        C::new("project_id", Bigint, "The project."),
        C::new("folder_id", Bigint, "Its folder."),
        C::new("name", Sysname, "Name."),
        C::new("description", Nvarchar(Some(1024)), "Description."),
        C::new(
            "project_format_version",
            Int,
            "Format version of the project.",
        ),
        C::new(
            "deployed_by_sid",
            Varbinary(Some(85)),
            "SID of the deployer; NULL, there are no SIDs here.",
        ),
        C::new(
            "deployed_by_name",
            Nvarchar(Some(128)),
            "Who deployed it last.",
        ),
        C::new("last_deployed_time", TIME7, "When it was deployed last."),
        C::new("created_time", TIME7, "When it was created."),
        C::new("object_version_lsn", Bigint, "Its current version."),
        C::new(
            "validation_status",
            Char(1),
            "N not validated, F full, S successful, E failed.",
        ),
        C::new("last_validation_time", TIME7, "When it was last validated."),
    ],
};
