//! Errors about logging levels, data taps, dumps and validations.

use scaleout_core::error::{Blame, Explain};
use scaleout_core::lease::ExecutionState;

/// What is wrong with a logging level, a data tap, a dump or a validation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiagnosticsError {
    /// No such level.
    #[error("there is no customized logging level `{name}`")]
    LevelMissing {
        /// As asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The name is taken.
    #[error("a customized logging level `{name}` exists already")]
    LevelExists {
        /// The name.
        name: String,
    },
    /// Bits that mean nothing.
    #[error("{mask} is no mask of {what}")]
    MaskNotValid {
        /// `events` or `statistics`.
        what: &'static str,
        /// As given.
        mask: i64,
    },
    /// Level 100 without a name.
    #[error("logging level 100 needs the name of a customized logging level in `{option}`")]
    LevelNotNamed {
        /// Option of an execution, or property of the catalog.
        option: &'static str,
    },
    /// A level that the server uses.
    #[error("customized logging level `{name}` is the default of this server")]
    LevelInUse {
        /// The level.
        name: String,
    },
    /// The path is tapped already.
    #[error("execution {execution_id} has a data tap on path `{path}` of that task already")]
    TapExists {
        /// The execution.
        execution_id: i64,
        /// The path.
        path: String,
        /// The task is named by its id.
        by_guid: bool,
    },
    /// No such tap.
    #[error("there is no data tap {id}, or the caller may not change it")]
    TapMissing {
        /// The tap.
        id: i64,
    },
    /// Fewer rows than none.
    #[error("a data tap cannot keep {rows} rows")]
    TapRows {
        /// As given.
        rows: i64,
    },
    /// Not a file of the worker's folder.
    #[error("`{name}` cannot be the file of a data tap: {reason}")]
    TapFile {
        /// As given.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Data taps belong to what has not started.
    #[error("execution {id} is {}, and data taps are set before it starts", state.status().as_str())]
    TapTooLate {
        /// The execution.
        id: i64,
        /// Where it stands.
        state: ExecutionState,
    },
    /// Only what runs can be dumped or measured.
    #[error("execution {id} does not run: it is {}", state.status().as_str())]
    NotRunning {
        /// The execution.
        id: i64,
        /// Where it stands.
        state: ExecutionState,
    },
    /// One dump at a time.
    #[error("a dump of execution {id} is being written already")]
    DumpUnderWay {
        /// The execution.
        id: i64,
    },
    /// Scope S without its reference.
    #[error("a validation in environment scope S needs a reference")]
    ReferenceNeeded,
    /// A reference where none counts.
    #[error("a validation in environment scope {scope} takes no reference")]
    ReferenceNotTaken {
        /// `A` or `D`.
        scope: String,
    },
}

impl Explain for DiagnosticsError {
    fn code(&self) -> &str {
        match self {
            Self::LevelMissing { .. } => "SO7140",
            Self::LevelExists { .. } => "SO7141",
            Self::MaskNotValid { .. } => "SO7142",
            Self::LevelNotNamed { .. } => "SO7143",
            Self::LevelInUse { .. } => "SO7144",
            Self::TapExists { .. } => "SO7145",
            Self::TapMissing { .. } => "SO7146",
            Self::TapRows { .. } => "SO7147",
            Self::TapFile { .. } => "SO7148",
            Self::TapTooLate { .. } => "SO7149",
            Self::NotRunning { .. } => "SO7150",
            Self::DumpUnderWay { .. } => "SO7151",
            Self::ReferenceNeeded => "SO7152",
            Self::ReferenceNotTaken { .. } => "SO7153",
        }
    }

    fn number(&self) -> Option<i64> {
        Some(match self {
            Self::LevelMissing { .. } => 27237,
            Self::LevelExists { .. } => 27235,
            Self::MaskNotValid { mask, .. } if *mask < 0 => 27240,
            Self::LevelNotNamed { .. } => 27241,
            Self::TapExists { by_guid: false, .. } => 27213,
            Self::TapExists { by_guid: true, .. } => 27214,
            Self::TapMissing { .. } => 27215,
            Self::TapRows { .. } => 27216,
            Self::TapTooLate { .. } => 27212,
            Self::NotRunning { .. } => 27218,
            Self::ReferenceNeeded => 27200,
            Self::MaskNotValid { .. }
            | Self::LevelInUse { .. }
            | Self::TapFile { .. }
            | Self::DumpUnderWay { .. }
            | Self::ReferenceNotTaken { .. } => return None,
        })
    }

    fn blame(&self) -> Blame {
        match self {
            Self::LevelMissing { .. } | Self::TapMissing { .. } => Blame::Missing,
            Self::LevelExists { .. }
            | Self::LevelInUse { .. }
            | Self::TapExists { .. }
            | Self::TapTooLate { .. }
            | Self::NotRunning { .. }
            | Self::DumpUnderWay { .. } => Blame::Conflict,
            Self::MaskNotValid { .. }
            | Self::LevelNotNamed { .. }
            | Self::TapRows { .. }
            | Self::TapFile { .. }
            | Self::ReferenceNeeded
            | Self::ReferenceNotTaken { .. } => Blame::Caller,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::LevelMissing { known, .. } if known.is_empty() => {
                "there is none at all: `soctl logging-levels create` makes one"
            }
            Self::LevelMissing { known, .. } => {
                return format!("there are {}", known.join(", "));
            }
            Self::LevelExists { .. } => {
                "use the level that is there, or choose a name that differs by more than case"
            }
            Self::MaskNotValid { what: "events", .. } => {
                "add up 2^n of the events, n from 0 to 16, and from 32 to 48 for the same with their \
                 context; `soctl logging-levels create --event` does it by name"
            }
            Self::MaskNotValid { .. } => {
                "add up 1 for Execution, 2 for Volume and 4 for Performance"
            }
            Self::LevelNotNamed { .. } => {
                "name one that `soctl logging-levels list` shows, or take one of the levels 0 to 4"
            }
            Self::LevelInUse { .. } => {
                "choose another default first, such as `soctl catalog set SERVER_LOGGING_LEVEL 1` \
                 and an empty SERVER_CUSTOMIZED_LOGGING_LEVEL"
            }
            Self::TapExists { .. } => "remove that one first, or use the file that it writes",
            Self::TapMissing { .. } => {
                "the view `execution_data_taps` and `soctl executions taps list` show the taps"
            }
            Self::TapRows { .. } => "give 0 or more, or leave it out to keep all rows",
            Self::TapFile { .. } => {
                "give the name of a file without a folder, such as `orders.csv`: the worker writes it \
                 into its folder `DataDumps`"
            }
            Self::TapTooLate { .. } => "create an execution anew, add the taps, and start it then",
            Self::NotRunning { .. } => "`soctl executions list --status running` shows what runs",
            Self::DumpUnderWay { .. } => {
                "wait for it: `soctl executions messages` says where it is when it was written"
            }
            Self::ReferenceNeeded => {
                "give the `@reference_id` of one that `soctl references list` shows"
            }
            Self::ReferenceNotTaken { .. } => {
                "leave out the reference, or take environment scope S"
            }
        };
        hint.to_owned()
    }
}
