//! Why a raw file cannot be read or written.

use std::path::{Path, PathBuf};

use crate::data_flow::component::ComponentError;

/// Code of a file that cannot be opened, as SSIS has it.
const CANNOT_OPEN: u32 = 0xC020_2070;

/// See [`super`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RawFileError {
    /// The disk.
    #[error("raw file `{}` cannot be {what}: {source}; look at its path, its rights and the room on its disk", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `opened`, `read`, `written`.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// Not such a file.
    #[error("SO5010: `{}` is no raw file of Scale Out: {what}; let a Raw File Destination or a Cache Transform write it here again", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        what: String,
    },
    /// Cut short or changed.
    #[error("SO5011: raw file `{}` is damaged: {what}; write it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        what: String,
    },
}

impl RawFileError {
    /// With the operation that failed.
    pub(super) fn io(path: &Path, what: &'static str, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            what,
            source,
        }
    }

    /// With where it is damaged.
    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: what.into(),
        }
    }
}

impl From<RawFileError> for ComponentError {
    fn from(error: RawFileError) -> Self {
        let code = match error {
            RawFileError::Io { .. } => CANNOT_OPEN,
            RawFileError::Foreign { .. } | RawFileError::Damaged { .. } => 0,
        };
        Self::failed(code, error.to_string())
    }
}
