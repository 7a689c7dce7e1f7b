//! Environments, their variables and the references of projects to them.

use crate::registry::types::SqlType::{
    Bigint, Bit, Char, Nvarchar, Smallint, SqlVariant, Sysname, Varbinary,
};
use crate::registry::types::{SqlType, View, ViewColumn as C};

/// `catalog.environment_references`
pub const ENVIRONMENT_REFERENCES: View = View {
    schema: "catalog",
    name: "environment_references",
    summary: "A reference of a project to an environment.",
    columns: &[
        C::new("reference_id", Bigint, "Id."),
        C::new("project_id", Bigint, "The project."),
        C::new("reference_type", Char(1), "R relative, A absolute."),
        C::new(
            "environment_folder_name",
            Sysname,
            "Folder of the environment; NULL when relative.",
        ),
        C::new("environment_name", Sysname, "The environment."),
        C::new(
            "validation_status",
            Char(1),
            "N not validated, F full, S successful, E failed.",
        ),
        C::new(
            "last_validation_time",
            SqlType::DatetimeOffset { with_digits: true },
            "When it was last validated.",
        ),
    ],
};

/// `catalog.environment_variables`
pub const ENVIRONMENT_VARIABLES: View = View {
    schema: "catalog",
    name: "environment_variables",
    summary: "A variable of an environment.",
    columns: &[
        C::new("variable_id", Bigint, "Id."),
        C::new("environment_id", Bigint, "The environment."),
        C::new("name", Sysname, "Name."),
        C::new("description", Nvarchar(Some(1024)), "Description."),
        C::new("type", Nvarchar(Some(128)), "Type of the value."),
        C::new("sensitive", Bit, "1 when the value is a secret."),
        C::new("value", SqlVariant, "The value; NULL when secret."),
    ],
};

/// `catalog.environments`
pub const ENVIRONMENTS: View = View {
    schema: "catalog",
    name: "environments",
    summary: "An environment.",
    columns: &[
        C::new("environment_id", Bigint, "Id."),
        C::new("name", Sysname, "Name."),
        C::new("folder_id", Bigint, "Its folder."),
        C::new("description", Nvarchar(Some(1024)), "Description."),
        C::new(
            "created_by_sid",
            Varbinary(Some(85)),
            "SID of the creator; NULL, there are no SIDs here.",
        ),
        C::new("created_by_name", Nvarchar(Some(128)), "Who created it."),
        C::new(
            "created_time",
            SqlType::DatetimeOffset { with_digits: false },
            "When it was created.",
        ),
    ],
};

/// `catalog.execution_parameter_sources`, which the original has not
pub const EXECUTION_PARAMETER_SOURCES: View = View {
    schema: "catalog",
    name: "execution_parameter_sources",
    summary: "Where the value of a parameter or option of one execution comes from.",
    columns: &[
        C::new("execution_parameter_id", Bigint, "Id."),
        C::new("execution_id", Bigint, "The execution."),
        C::new(
            "object_type",
            Smallint,
            "20 project, 30 package, 50 execution.",
        ),
        C::new("parameter_name", Sysname, "Name of the parameter."),
        C::new(
            "value_source",
            Nvarchar(Some(128)),
            "Design default, server value, environment variable or execution.",
        ),
        C::new(
            "referenced_variable_name",
            Nvarchar(Some(128)),
            "Environment variable that the parameter refers to.",
        ),
    ],
};
