//! Why a catalog cannot be copied or brought back.

use std::path::PathBuf;

use scaleout_core::error::{Blame, Explain};

use crate::store::StoreError;

/// Why a catalog cannot be copied or brought back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file of the copy is there already.
    #[error("`{}` is there already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file that is no catalog.
    #[error("`{}` is no catalog", path.display())]
    NoCatalog {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read; absent when it can and is something else.
        source: Option<Box<StoreError>>,
    },
    /// A catalog stands where the backup should go.
    #[error("there is a catalog in `{}` already", path.display())]
    CatalogExists {
        /// Its database.
        path: PathBuf,
    },
    /// A file or database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for BackupError {
    fn code(&self) -> &str {
        match self {
            Self::Exists { .. } => "SO7048",
            Self::NoCatalog { .. } => "SO7049",
            Self::CatalogExists { .. } => "SO7038",
            Self::Store(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Exists { .. } | Self::CatalogExists { .. } => Blame::Conflict,
            Self::NoCatalog { .. } => Blame::Unreadable,
            Self::Store(error) => error.blame(),
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::Store(error) => return error.hint(),
            Self::Exists { .. } => "name another file, or remove that one",
            Self::NoCatalog { .. } => {
                "name the database file that `soctl catalog backup` wrote; its key file stands beside it"
            }
            Self::CatalogExists { .. } => {
                "restore into an empty folder, or add `--replace`: the catalog that is there is then kept under another name"
            }
        };
        hint.to_owned()
    }
}
