//! What can go wrong between the catalog and its database.

use std::path::PathBuf;
use std::sync::Arc;

use scaleout_core::error::{Blame, Explain};

/// What went wrong in the database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A statement failed. Values are never part of the text.
    #[error("the catalog database refused `{statement}`")]
    Statement {
        /// Its first words.
        statement: String,
        /// Why.
        source: sqlx::Error,
    },
    /// The database cannot be opened.
    #[error("failed to open the catalog `{path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// A file beside the database cannot be read or made.
    #[error("failed to prepare `{path}`")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A stored value is not what its column holds.
    #[error("the catalog holds a value in `{column}` that this build cannot read")]
    Damaged {
        /// The column.
        column: String,
    },
    /// Written by a newer program.
    #[error("the catalog has schema {found}, and this program knows schemas up to {known}")]
    NewerSchema {
        /// Schema of the database.
        found: i64,
        /// Newest schema of this program.
        known: i64,
    },
    /// The shared commit failed: nothing of it happened.
    #[error("the catalog could not make the change durable; nothing was changed")]
    NotCommitted(#[source] Arc<StoreError>),
    /// The catalog was closed.
    #[error("the catalog is closed")]
    Closed,
    /// The key file does not belong to this catalog, or is not readable as a key.
    #[error("`{path}` is not the key of this catalog: {reason}")]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// An encrypted value that the key does not open.
    #[error("a secret in the catalog cannot be opened with its key")]
    Secret,
}

impl StoreError {
    /// Wraps the failure of a statement; only its first words are kept.
    pub(crate) fn statement(sql: &str, source: sqlx::Error) -> Self {
        let words: Vec<&str> = sql.split_whitespace().take(6).collect();
        Self::Statement {
            statement: words.join(" "),
            source,
        }
    }
}

impl Explain for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Statement { .. } => "SO9101",
            Self::Open { .. } | Self::File { .. } => "SO9102",
            Self::Damaged { .. } => "SO9103",
            Self::NewerSchema { .. } => "SO9104",
            Self::NotCommitted(_) => "SO9105",
            Self::Closed => "SO9106",
            Self::Key { .. } => "SO9107",
            Self::Secret => "SO9108",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Closed => Blame::Unreachable,
            Self::Open { .. } | Self::File { .. } | Self::NewerSchema { .. } | Self::Key { .. } => {
                Blame::Caller
            }
            Self::Statement { .. }
            | Self::Damaged { .. }
            | Self::NotCommitted(_)
            | Self::Secret => Blame::Server,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::Statement { .. } => {
                "check the disk of the catalog, and that no other program holds the file; then try again"
            }
            Self::Open { .. } | Self::File { .. } => {
                "check that the folder exists and that this account may write there"
            }
            Self::Damaged { .. } => "restore a backup of the catalog",
            Self::NewerSchema { .. } => "run the newer program, or restore an older backup",
            Self::NotCommitted(_) => "check the free space of the disk, then try again",
            Self::Closed => "try again when the master runs again",
            Self::Key { .. } => {
                "put the key file of this catalog beside it, readable by its account only"
            }
            Self::Secret => "restore the key file that belongs to this catalog",
        };
        hint.to_owned()
    }
}
