//! Codes, blame and hints of connection errors.

use scaleout_core::error::{Blame, Explain, explained, with_sources};

use super::cell::CellProblem;
use super::sqlite::in_its_own_words;
use super::{ConnectionError, TableName};

impl Explain for ConnectionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "SO6001",
            Self::Unsupported { .. } => "SO6002",
            Self::Invalid { .. } => "SO6003",
            Self::Connect { .. } => "SO6004",
            Self::Statement { .. } => "SO6005",
            Self::Canceled(_) => "SO6006",
            Self::MissingTable { .. } => "SO6007",
            Self::MissingColumn { .. } => "SO6008",
            Self::Constraint { .. } => "SO6009",
            Self::Value { .. } => "SO6010",
            Self::NoCatalog { .. } => "SO6011",
            Self::NotACall { .. } => "SO6012",
            Self::TimedOut { .. } => "SO5050",
            Self::Lost { .. } => "SO5051",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Unknown { .. } | Self::MissingTable { .. } | Self::MissingColumn { .. } => {
                Blame::Missing
            }
            Self::Connect { .. } | Self::TimedOut { .. } | Self::Lost { .. } => Blame::Unreachable,
            Self::Canceled(_) => Blame::Conflict,
            Self::Unsupported { .. }
            | Self::Invalid { .. }
            | Self::NoCatalog { .. }
            | Self::NotACall { .. }
            | Self::Statement { .. }
            | Self::Constraint { .. }
            | Self::Value { .. } => Blame::Caller,
        }
    }

    fn hint(&self) -> String {
        let text = match self {
            Self::Unknown { .. } => "deploy the project that holds the connection manager",
            Self::NoCatalog { .. } => {
                "run the package with `soctl execute`, or map the server of the connection to a SQL \
                 Server with `ConnectionMap`"
            }
            Self::NotACall { .. } => {
                "call `msdb.dbo.sp_start_job` or `msdb.dbo.sp_stop_job` there; what other procedures \
                 do belongs into a step of a job (`soctl job step add --tsql`), and what asks a \
                 database needs a connection to one"
            }
            Self::Unsupported { .. } => {
                "map its server to a supported connection string with `ConnectionMap` in the \
                 worker's settings"
            }
            Self::Connect { .. } => {
                "check server, database and login, or map the server with `ConnectionMap` in the \
                 worker's settings"
            }
            Self::TimedOut { .. } => {
                "see what the server waits for (locks, load), or allow more time: `CommandTimeout` \
                 of the component, `TimeOut` of the task, 0 for no limit"
            }
            Self::Lost { .. } => {
                "see whether the server runs and can be reached, then run the package again; what \
                 was not committed is not in the table"
            }
            Self::MissingTable { .. } => "create the table, or correct the name in the package",
            Self::MissingColumn { .. } => "add the column, or correct the mapping in the package",
            Self::Invalid { .. } => {
                "correct the part named, in the package or by a parameter or property override"
            }
            Self::Statement { .. } => {
                "correct the statement, or write it in the SQL of the database it goes to"
            }
            Self::Canceled(_) => {
                "run the package again if the stop was not meant; what was not committed is not in the table"
            }
            Self::Constraint { .. } => {
                "correct the data, or redirect the error rows of the component before it"
            }
            Self::Value { .. } => {
                "correct the data or the type of the column, or convert it with a Data Conversion before"
            }
        };
        text.to_owned()
    }
}

impl ConnectionError {
    /// The message with its sources and its hint, for run-time messages of a package.
    #[must_use]
    pub fn explained(&self) -> String {
        explained(self)
    }

    /// What the database says alone, for a message that names the statement itself.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Statement { source, .. } => with_sources(source.as_ref()),
            other => other.explained(),
        }
    }

    /// A statement that the database refused; the text is shortened.
    pub fn in_statement(
        sql: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Statement {
            context: format!("statement `{}` failed", shortened(sql)),
            source: in_its_own_words(source.into()),
        }
    }

    /// A value, in that row of a batch, that does not fit into a column.
    pub(super) fn misfit(
        table: &TableName,
        column: &str,
        row: Option<usize>,
        source: CellProblem,
    ) -> Self {
        Self::Value {
            table: table.to_string(),
            column: column.to_owned(),
            row: row.map(|row| row as u64),
            source,
        }
    }
}

/// The first 200 characters of a statement, blanks folded.
#[must_use]
pub fn shortened(sql: &str) -> String {
    const MOST: usize = 200;
    let words: Vec<&str> = sql.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    let start: String = line.chars().take(MOST).collect();
    format!("{start}…")
}
