//! Folders.

use crate::registry::permission::Permission;
use crate::registry::types::SqlType::{Bigint, Nvarchar};
use crate::registry::types::{Procedure, ProcedureParameter as P};

/// `catalog.create_folder`
pub const CREATE_FOLDER: Procedure = Procedure {
    schema: "catalog",
    name: "create_folder",
    summary: "Creates a folder; the return value is its id.",
    parameters: &[
        P::required(
            "@folder_name",
            Nvarchar(Some(128)),
            "Name, unique in the catalog.",
        ),
        P::output("@folder_id", Bigint, "Id of the folder created."),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.delete_folder`
pub const DELETE_FOLDER: Procedure = Procedure {
    schema: "catalog",
    name: "delete_folder",
    summary: "Deletes an empty folder.",
    parameters: &[P::required(
        "@folder_name",
        Nvarchar(Some(128)),
        "The folder.",
    )],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.rename_folder`
pub const RENAME_FOLDER: Procedure = Procedure {
    schema: "catalog",
    name: "rename_folder",
    summary: "Gives a folder another name.",
    parameters: &[
        P::required("@old_name", Nvarchar(Some(128)), "The name it has."),
        P::required("@new_name", Nvarchar(Some(128)), "The name it gets."),
    ],
    permission: Permission::Administrator,
    result_set: None,
};

/// `catalog.set_folder_description`
pub const SET_FOLDER_DESCRIPTION: Procedure = Procedure {
    schema: "catalog",
    name: "set_folder_description",
    summary: "Replaces the description of a folder.",
    parameters: &[
        P::required("@folder_name", Nvarchar(Some(128)), "The folder."),
        P::required(
            "@folder_description",
            Nvarchar(None),
            "Its description from now on.",
        ),
    ],
    permission: Permission::Administrator,
    result_set: None,
};
