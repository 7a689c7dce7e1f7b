//! What can go wrong between the catalog and its database.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scaleout_core::error::{Blame, Explain};

use super::postgres::Unfit;

/// What a database says went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL
    #[error(transparent)]
    Postgres(#[from] sqlx::Error),
    /// An earlier statement on the connection was given up before its end.
    #[error("an earlier statement on the connection was given up before its end")]
    GivenUp,
}

impl DatabaseError {
    /// PostgreSQL's code for what went wrong.
    pub(crate) fn sqlstate(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Postgres(error) => error.as_database_error()?.code(),
            Self::Sqlite(_) | Self::GivenUp => None,
        }
    }
}

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
        source: DatabaseError,
    },
    /// The database cannot be opened.
    #[error("failed to open the catalog `{path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DatabaseError,
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
    /// Rows that a transaction had locked were not there any more when it changed them.
    #[error("{missing} of the rows to be changed were gone at the commit: {statement}")]
    Gone {
        /// What should have changed them.
        statement: &'static str,
        /// How many.
        missing: u64,
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
    /// No connection to the server, or it broke off. What was under way did not happen.
    #[error("the catalog database `{server}` cannot be reached")]
    Away {
        /// Where it is, without a password.
        server: Arc<str>,
        /// Why.
        source: sqlx::Error,
    },
    /// The server answers, and does not let this program in.
    #[error("the catalog database `{server}` refused the connection")]
    Refused {
        /// Where it is, without a password.
        server: Arc<str>,
        /// Why.
        source: sqlx::Error,
    },
    /// A master of an earlier version has the catalog open.
    #[error(
        "the catalog database `{server}` is in use by a master of an earlier version ({holder})"
    )]
    InUse {
        /// Where it is, without a password.
        server: Arc<str>,
        /// Who has it, as the server sees it.
        holder: String,
    },
    /// The connection broke during the commit, and nobody can be asked.
    #[error(
        "the connection to the catalog database `{server}` broke during the commit: whether the change was made is not known"
    )]
    OutcomeUnknown {
        /// Where it is, without a password.
        server: Arc<str>,
    },
    /// Commits take so long that one more change would wait too long.
    #[error(
        "the catalog database is too busy: a change would wait about {} s for its commit",
        .wait.as_secs()
    )]
    Busy {
        /// How long.
        wait: Duration,
    },
    /// A text with the one character that PostgreSQL cannot keep.
    #[error("a text for `{statement}` contains the character NUL, which PostgreSQL cannot keep")]
    Nul {
        /// The first words of the statement.
        statement: String,
    },
}

impl StoreError {
    /// Wraps the failure of a statement; only its first words are kept.
    pub(crate) fn statement(sql: &str, source: impl Into<DatabaseError>) -> Self {
        let (statement, source) = (first_words(sql), source.into());
        match &source {
            DatabaseError::Postgres(sqlx::Error::Encode(inner))
                if matches!(inner.downcast_ref(), Some(Unfit::Nul)) =>
            {
                Self::Nul { statement }
            }
            _ => Self::Statement { statement, source },
        }
    }

    /// Wraps the failure of a statement on a server, or that there is no server any more.
    pub(crate) fn on_server(server: &Arc<str>, sql: &str, source: sqlx::Error) -> Self {
        if is_loss(&source) {
            Self::away(server, source)
        } else {
            Self::statement(sql, source)
        }
    }

    /// Wraps the failure to connect.
    pub(crate) fn connecting(server: &Arc<str>, source: sqlx::Error) -> Self {
        match &source {
            sqlx::Error::Database(_) if !is_loss(&source) => Self::Refused {
                server: Arc::clone(server),
                source,
            },
            _ => Self::away(server, source),
        }
    }

    /// The server cannot be reached.
    pub(crate) fn away(server: &Arc<str>, source: sqlx::Error) -> Self {
        Self::Away {
            server: Arc::clone(server),
            source,
        }
    }

    /// Whether the connection is gone, and with it the transaction.
    pub(crate) fn is_away(&self) -> bool {
        matches!(self, Self::Away { .. })
    }
}

fn first_words(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().take(6).collect();
    words.join(" ")
}

/// Whether an error means that the connection is gone.
fn is_loss(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        // Class 08: connection exceptions; 57P: the server shuts down, starts, or ends the session.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("08") || code.starts_with("57P")),
        _ => false,
    }
}

/// What to do about a server that cannot be reached.
fn away_hint(source: &sqlx::Error) -> &'static str {
    match source {
        sqlx::Error::Tls(_) => {
            "check `sslmode` and `sslrootcert` of the location, and whether the server offers TLS"
        }
        _ => {
            "check host and port, and start the server; a running master connects again by itself, \
             then try again"
        }
    }
}

/// What to do about a server that lets nobody in, by its SQLSTATE.
fn refused_hint(source: &sqlx::Error) -> &'static str {
    let code = source.as_database_error().and_then(|error| error.code());
    match code.as_deref() {
        Some("3D000") => "create the database first: `createdb NAME`",
        Some("28P01" | "28000") => {
            "give the password in `PGPASSWORD` or in `~/.pgpass` (mode 0600), and check the user in \
             the location and the server's `pg_hba.conf`"
        }
        Some("53300") => "the server has no connection left: a master needs five",
        _ => "check the user, the database and their rights on the server",
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
            Self::Away { .. } => "SO9109",
            Self::InUse { .. } => "SO9110",
            Self::OutcomeUnknown { .. } => "SO9111",
            Self::Refused { .. } => "SO9112",
            Self::Nul { .. } => "SO9113",
            Self::Busy { .. } => "SO9114",
            Self::Gone { .. } => "SO9115",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Closed | Self::Away { .. } | Self::OutcomeUnknown { .. } | Self::Busy { .. } => {
                Blame::Unreachable
            }
            Self::Open { .. }
            | Self::File { .. }
            | Self::NewerSchema { .. }
            | Self::Key { .. }
            | Self::Refused { .. }
            | Self::Nul { .. } => Blame::Caller,
            Self::InUse { .. } => Blame::Conflict,
            Self::NotCommitted(reason) if reason.is_away() => Blame::Unreachable,
            Self::Statement { .. }
            | Self::Damaged { .. }
            | Self::Gone { .. }
            | Self::NotCommitted(_)
            | Self::Secret => Blame::Server,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::Open { .. } | Self::File { .. } => {
                "check that the folder exists and that this account may write there"
            }
            Self::NewerSchema { .. } => "run the newer program, or restore an older backup",
            Self::NotCommitted(reason) => match reason.as_ref() {
                Self::Away { .. } | Self::InUse { .. } | Self::Refused { .. } => {
                    return reason.hint();
                }
                _ => "check the free space of the disk, then try again",
            },
            Self::Key { .. } => {
                "put the key file of this catalog there, readable by its account only"
            }
            Self::Secret => "restore the key file that belongs to this catalog",
            Self::Away { source, .. } => away_hint(source),
            Self::Refused { source, .. } => refused_hint(source),
            Self::InUse { .. } => {
                "masters of that version allow no other beside them: stop it; if it is gone already, end \
                 its connection with `SELECT pg_terminate_backend(PID)` on the server"
            }
            Self::OutcomeUnknown { .. } => "look whether it was made before you try again",
            Self::Nul { .. } => "leave the character out",
            Self::Statement { source, .. } if source.sqlstate().as_deref() == Some("42501") => {
                "the first start makes the schemas `internal` and `catalog`: \
                 `GRANT CREATE ON DATABASE … TO …`; later ones need to own what is in them"
            }
            Self::Statement { .. } => {
                "check the disk of the catalog, and that no other program holds the file; then try again"
            }
            Self::Damaged { .. } => "restore a backup of the catalog",
            Self::Busy { .. } => {
                "try again in a few seconds; `scaleout_catalog_commit_seconds` of the master's metrics and the \
                 database itself tell why commits are slow"
            }
            Self::Gone { .. } => {
                "try again; if it comes back, look for a trigger or a program that changes tables of the schema \
                 `internal`"
            }
            Self::Closed => "try again when the master runs again",
        };
        hint.to_owned()
    }
}
