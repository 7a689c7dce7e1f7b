//! Why the catalog refused or failed.

use scaleout_core::error::{Blame, Explain};

/// Why the catalog refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// A catalog location that this build cannot open.
    #[error("a catalog on `{scheme}` is not supported")]
    LocationNotValid {
        /// What stands before the first colon.
        scheme: String,
    },
    /// A part of the catalog that this build does not have.
    #[error("the catalog of this build has no `{name}`")]
    Absent {
        /// What was asked for.
        name: String,
    },
}

impl CatalogError {
    /// SSISDB's own number for this error, where it has one.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        None
    }
}

impl Explain for CatalogError {
    fn code(&self) -> &'static str {
        match self {
            Self::LocationNotValid { .. } => "SO7001",
            Self::Absent { .. } => "SO7002",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::LocationNotValid { .. } => Blame::Caller,
            Self::Absent { .. } => Blame::Missing,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::LocationNotValid { .. } => {
                Some("write `sqlite:PATH`, such as `sqlite:/var/lib/scaleout/catalog.db`".into())
            }
            Self::Absent { .. } => None,
        }
    }
}
