//! What a File System task is set to.

use scaleout_core::package::xml::Element;

use crate::settle::task_property::{Place, PropertyPlace};
use crate::tasks::path_source::{PathFrom, is_true};

/// Properties by object-model name.
pub(super) const PROPERTIES: &[PropertyPlace] = &[
    ("Operation", Place::Attribute("TaskOperationType")),
    ("TaskOperationType", Place::Attribute("TaskOperationType")),
    ("OperationName", Place::Attribute("OperationName")),
    ("Source", Place::Attribute("TaskSourcePath")),
    ("TaskSourcePath", Place::Attribute("TaskSourcePath")),
    (
        "IsSourcePathVariable",
        Place::Attribute("TaskIsSourceVariable"),
    ),
    ("Destination", Place::Attribute("TaskDestinationPath")),
    (
        "TaskDestinationPath",
        Place::Attribute("TaskDestinationPath"),
    ),
    (
        "IsDestinationPathVariable",
        Place::Attribute("TaskIsDestinationVariable"),
    ),
    (
        "OverwriteDestination",
        Place::Attribute("TaskOverwriteDestFile"),
    ),
    (
        "OverwriteDestinationFile",
        Place::Attribute("TaskOverwriteDestFile"),
    ),
    (
        "TaskOverwriteDestFile",
        Place::Attribute("TaskOverwriteDestFile"),
    ),
    ("Attributes", Place::Attribute("TaskFileAttributes")),
    ("TaskFileAttributes", Place::Attribute("TaskFileAttributes")),
];

/// `TaskOperationType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CopyFile,
    MoveFile,
    DeleteFile,
    RenameFile,
    SetAttributes,
    CreateDirectory,
    CopyDirectory,
    MoveDirectory,
    DeleteDirectory,
    DeleteDirectoryContent,
}

impl Operation {
    /// Whether it needs a destination.
    pub(super) fn has_destination(self) -> bool {
        matches!(
            self,
            Self::CopyFile
                | Self::MoveFile
                | Self::RenameFile
                | Self::CopyDirectory
                | Self::MoveDirectory
        )
    }

    /// By name, or by the number that property expressions give.
    fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "" | "CopyFile" | "0" => Self::CopyFile,
            "MoveFile" | "1" => Self::MoveFile,
            "DeleteFile" | "2" => Self::DeleteFile,
            "RenameFile" | "3" => Self::RenameFile,
            "SetAttributes" | "4" => Self::SetAttributes,
            "CreateDirectory" | "5" => Self::CreateDirectory,
            "CopyDirectory" | "6" => Self::CopyDirectory,
            "MoveDirectory" | "7" => Self::MoveDirectory,
            "DeleteDirectory" | "8" => Self::DeleteDirectory,
            "DeleteDirectoryContent" | "9" => Self::DeleteDirectoryContent,
            _ => return None,
        })
    }
}

/// The settings of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings<'x> {
    pub(super) operation: Operation,
    pub(super) source: PathFrom<'x>,
    pub(super) destination: PathFrom<'x>,
    /// Also: use the folder if it exists.
    pub(super) overwrite: bool,
    pub(super) attributes: &'x str,
}

impl<'x> Settings<'x> {
    /// Reads them.
    ///
    /// # Errors
    /// The operation does not exist.
    pub(super) fn read(data: &'x Element) -> Result<Self, String> {
        let text = |name: &str| data.attribute(name).unwrap_or_default().trim();
        let written = text("TaskOperationType");
        let operation = Operation::from_text(written)
            .ok_or_else(|| format!("operation `{written}` does not exist"))?;
        let path =
            |name: &str, is_variable: &str| PathFrom::new(is_true(text(is_variable)), text(name));
        Ok(Self {
            operation,
            source: path("TaskSourcePath", "TaskIsSourceVariable"),
            destination: path("TaskDestinationPath", "TaskIsDestinationVariable"),
            overwrite: is_true(text("TaskOverwriteDestFile")),
            attributes: text("TaskFileAttributes"),
        })
    }
}
