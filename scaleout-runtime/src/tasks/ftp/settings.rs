//! What an FTP task is set to.

use scaleout_core::package::xml::Element;

use crate::settle::task_property::{Place, PropertyPlace};
use crate::tasks::path_source::is_true;

/// Properties by object-model name.
pub(super) const PROPERTIES: &[PropertyPlace] = &[
    ("FtpConnection", Place::Attribute("ConnectionName")),
    ("ConnectionName", Place::Attribute("ConnectionName")),
    ("Operation", Place::Attribute("TaskOperationType")),
    ("TaskOperationType", Place::Attribute("TaskOperationType")),
    ("OperationName", Place::Attribute("TaskOperationName")),
    ("StopOnOperationFailure", Place::Attribute("StopOnFailure")),
    ("StopOnFailure", Place::Attribute("StopOnFailure")),
    (
        "IsLocalPathVariable",
        Place::Attribute("TaskIsLocalPathVar"),
    ),
    ("LocalPath", Place::Attribute("TaskLocalPath")),
    (
        "IsRemotePathVariable",
        Place::Attribute("TaskIsRemotePathVar"),
    ),
    ("RemotePath", Place::Attribute("TaskRemotePath")),
    (
        "OverwriteDestination",
        Place::Attribute("TaskOverwriteDest"),
    ),
    ("IsTransferTypeASCII", Place::Attribute("TaskTransferAscii")),
];

/// `TaskOperationType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Send,
    Receive,
    DeleteLocal,
    DeleteRemote,
    MakeDirLocal,
    MakeDirRemote,
    RemoveDirLocal,
    RemoveDirRemote,
}

impl Operation {
    fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "" | "Send" | "0" => Self::Send,
            "Receive" | "1" => Self::Receive,
            "DeleteLocal" | "2" => Self::DeleteLocal,
            "DeleteRemote" | "3" => Self::DeleteRemote,
            "MakeDirLocal" | "4" => Self::MakeDirLocal,
            "MakeDirRemote" | "5" => Self::MakeDirRemote,
            "RemoveDirLocal" | "6" => Self::RemoveDirLocal,
            "RemoveDirRemote" | "7" => Self::RemoveDirRemote,
            _ => return None,
        })
    }

    /// Whether it works on a path of this machine.
    pub(super) fn is_local(self) -> bool {
        !matches!(
            self,
            Self::DeleteRemote | Self::MakeDirRemote | Self::RemoveDirRemote
        )
    }

    /// Whether it works on a path of the server.
    pub(super) fn is_remote(self) -> bool {
        !matches!(
            self,
            Self::DeleteLocal | Self::MakeDirLocal | Self::RemoveDirLocal
        )
    }
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings<'x> {
    pub(super) connection: &'x str,
    pub(super) operation: Operation,
    pub(super) stop_on_failure: bool,
    pub(super) is_local_variable: bool,
    pub(super) local: &'x str,
    pub(super) is_remote_variable: bool,
    pub(super) remote: &'x str,
    pub(super) overwrite: bool,
    pub(super) ascii: bool,
}

impl<'x> Settings<'x> {
    /// Reads the task's own element.
    ///
    /// # Errors
    /// The operation does not exist.
    pub(super) fn read(data: &'x Element) -> Result<Self, String> {
        let text = |name: &str| data.attribute(name).unwrap_or_default().trim();
        let written = text("TaskOperationType");
        let operation = Operation::from_text(written)
            .ok_or_else(|| format!("operation `{written}` does not exist"))?;
        let stop = text("StopOnFailure");
        Ok(Self {
            connection: text("ConnectionName"),
            operation,
            stop_on_failure: stop.is_empty() || is_true(stop),
            is_local_variable: is_true(text("TaskIsLocalPathVar")),
            local: text("TaskLocalPath"),
            is_remote_variable: is_true(text("TaskIsRemotePathVar")),
            remote: text("TaskRemotePath"),
            overwrite: is_true(text("TaskOverwriteDest")),
            ascii: is_true(text("TaskTransferAscii")),
        })
    }
}
