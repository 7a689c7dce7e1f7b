//! Why a project cannot be moved or restored.

use scaleout_core::error::{Blame, Explain};

/// Why a project cannot be moved or restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// The name is taken in that folder.
    #[error("folder `{folder}` has a project `{project}` already")]
    Exists {
        /// The folder.
        folder: String,
        /// The project.
        project: String,
    },
    /// No such version of that project.
    #[error("project `{project}` of folder `{folder}` has no version {version}")]
    VersionMissing {
        /// The folder.
        folder: String,
        /// The project.
        project: String,
        /// `object_version_lsn`.
        version: i64,
    },
    /// The version that is in force already.
    #[error("version {version} of project `{project}` is in force already")]
    VersionInForce {
        /// The folder.
        folder: String,
        /// The project.
        project: String,
        /// `object_version_lsn`.
        version: i64,
    },
}

impl Explain for ProjectError {
    fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "SO7040",
            Self::VersionMissing { .. } => "SO7041",
            Self::VersionInForce { .. } => "SO7037",
        }
    }

    fn number(&self) -> Option<i64> {
        Some(match self {
            Self::Exists { .. } => 27181,
            Self::VersionMissing { .. } => 27179,
            Self::VersionInForce { .. } => 27155,
        })
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Exists { .. } | Self::VersionInForce { .. } => Blame::Conflict,
            Self::VersionMissing { .. } => Blame::Missing,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Exists { .. } => {
                "choose another folder, or delete the project that is there".to_owned()
            }
            Self::VersionMissing {
                folder, project, ..
            }
            | Self::VersionInForce {
                folder, project, ..
            } => format!(
                "`soctl projects versions {project} --folder {folder}` shows the versions that are kept"
            ),
        }
    }
}
