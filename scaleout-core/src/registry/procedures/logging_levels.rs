//! Customized logging levels.

use crate::registry::permission::Permission;
use crate::registry::types::SqlType::{Bigint, Nvarchar};
use crate::registry::types::{Procedure, ProcedureParameter as P};

/// `catalog.create_customized_logging_level`
pub const CREATE_CUSTOMIZED_LOGGING_LEVEL: Procedure = Procedure {
    schema: "catalog",
    name: "create_customized_logging_level",
    summary: "Makes a logging level of chosen events and statistics.",
    parameters: &[
        P::required("@level_name", Nvarchar(Some(128)), "Name of the new level."),
        P::required("@level_description", Nvarchar(None), "What it is for."),
        P::required(
            "@profile_value",
            Bigint,
            "Sum of 2^n of the statistics: 0 Execution, 1 Volume, 2 Performance.",
        ),
        P::required(
            "@events_value",
            Bigint,
            "Sum of 2^n of the events: 0 to 16, and 32 to 48 for the same with their context.",
        ),
        P::output("@level_id", Bigint, "Id of the level."),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.delete_customized_logging_level`
pub const DELETE_CUSTOMIZED_LOGGING_LEVEL: Procedure = Procedure {
    schema: "catalog",
    name: "delete_customized_logging_level",
    summary: "Deletes a customized logging level that is not the server's default.",
    parameters: &[P::required(
        "@level_name",
        Nvarchar(Some(128)),
        "The level.",
    )],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.rename_customized_logging_level`
pub const RENAME_CUSTOMIZED_LOGGING_LEVEL: Procedure = Procedure {
    schema: "catalog",
    name: "rename_customized_logging_level",
    summary: "Renames a customized logging level.",
    parameters: &[
        P::required("@old_name", Nvarchar(Some(128)), "The level."),
        P::required("@new_name", Nvarchar(Some(128)), "Its new name."),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.set_customized_logging_level_description`
pub const SET_CUSTOMIZED_LOGGING_LEVEL_DESCRIPTION: Procedure = Procedure {
    schema: "catalog",
    name: "set_customized_logging_level_description",
    summary: "Sets what a customized logging level is for.",
    parameters: &[
        P::required("@level_name", Nvarchar(Some(128)), "The level."),
        P::required(
            "@level_description",
            Nvarchar(Some(1024)),
            "The description.",
        ),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.set_customized_logging_level_value`
pub const SET_CUSTOMIZED_LOGGING_LEVEL_VALUE: Procedure = Procedure {
    schema: "catalog",
    name: "set_customized_logging_level_value",
    summary: "Sets the statistics or the events of a customized logging level.",
    parameters: &[
        P::required("@level_name", Nvarchar(Some(128)), "The level."),
        P::required("@property_name", Nvarchar(Some(128)), "PROFILE or EVENTS."),
        P::required(
            "@property_value",
            Bigint,
            "The mask, as in `create_customized_logging_level`.",
        ),
    ],
    permission: Permission::Administrator,
    result_set: None,
};
