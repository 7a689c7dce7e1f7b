//! Errors of the command line, and the one place where exit codes come from.
//!
//! Exit codes: 0 done; 1 the execution failed, or a fault of ours; 2 wrong command line;
//! 3 the execution was canceled; 4 not found; 5 a package or project cannot be loaded;
//! 6 refused; 7 the master cannot be reached; 130 ended by Ctrl-C.

use std::path::PathBuf;

use scaleout_core::error::{Blame, ErrorBody, Explain};

use crate::output::OutputFormat;

/// Code of [`CommandError::Interrupted`].
const INTERRUPTED: &str = "SO8009";
/// Code of [`CommandError::StoppedWaiting`].
const STOPPED_WAITING: &str = "SO8011";

/// Any error of a command, ready to be shown.
#[derive(Debug)]
pub struct CliError {
    /// What is shown.
    pub body: ErrorBody,
}

impl<E: Explain + 'static> From<E> for CliError {
    fn from(error: E) -> Self {
        Self {
            body: ErrorBody::from_error(&error),
        }
    }
}

impl CliError {
    /// Exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.body.code.as_str() {
            // What a shell shows for a program that SIGINT ended.
            INTERRUPTED | STOPPED_WAITING => 130,
            _ => self.body.blame.exit_code(),
        }
    }

    /// What stderr shows: text for people, or the error as JSON for scripts.
    #[must_use]
    pub fn shown(&self, format: OutputFormat) -> String {
        if format == OutputFormat::Json {
            let wrapped = serde_json::json!({ "error": self.body });
            return format!("{wrapped}\n");
        }
        let ErrorBody {
            code,
            message,
            hint,
            number,
            ..
        } = &self.body;
        let number = number.map(|number| format!(" (SSISDB error {number})"));
        let number = number.unwrap_or_default();
        let mut text = format!("error[{code}]: {message}{number}\n");
        if let Some(hint) = hint {
            text.push_str("  next: ");
            text.push_str(hint);
            text.push('\n');
        }
        text
    }
}

/// Faults that arise in the command line itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A file or folder cannot be read or written.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried: `read`, `write`.
        action: &'static str,
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A folder holds no project.
    #[error("`{}` is no .ispac, .dtproj or .dtsx, and no folder with exactly one .dtproj: {found}", path.display())]
    NoProject {
        /// What was given.
        path: PathBuf,
        /// What is there.
        found: String,
        /// What to give instead.
        hint: String,
    },
    /// A name fits nothing.
    #[error("no {kind} `{name}`{place}")]
    NotFound {
        /// Kind of object.
        kind: &'static str,
        /// As given.
        name: String,
        /// Where it was looked for, with a leading blank; may be empty.
        place: String,
        /// How to see what there is.
        hint: String,
    },
    /// A name fits several.
    #[error("{kind} `{name}` is not unique: {candidates}")]
    Ambiguous {
        /// Kind of object.
        kind: &'static str,
        /// As given.
        name: String,
        /// All of them.
        candidates: String,
        /// How to choose.
        hint: String,
    },
    /// An option's value makes no sense.
    #[error("{message}")]
    Argument {
        /// What is wrong.
        message: String,
        /// What would be right.
        hint: String,
    },
    /// Nobody said where the master is.
    #[error("no master is known: neither `--master` nor a context says where it is")]
    NoMaster,
    /// The context has no token.
    #[error("not logged in to the master `{master}`")]
    NotLoggedIn {
        /// Its address.
        master: String,
    },
    /// Nobody can be asked for a password.
    #[error("a password is needed for {what}, and there is no terminal to ask on")]
    PasswordNeeded {
        /// For what.
        what: String,
    },
    /// A file with settings or contexts is damaged.
    #[error("`{}` is not valid", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A service could not start or ended by itself.
    #[error("{what} failed")]
    Service {
        /// Which one.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A program of the system did not do what it was asked to.
    #[error("`{line}` failed: {said}")]
    Program {
        /// The whole command line.
        line: String,
        /// What it, or the system, said.
        said: String,
    },
    /// The result cannot be written.
    #[error("cannot write the result")]
    Output(#[source] std::io::Error),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// A service runs in the folder already.
    #[error("the folder `{}` is in use by another service{}", folder.display(), process_text(*holder))]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
        /// Process id of the other service, if its lock file tells.
        holder: Option<u32>,
    },
    /// What cannot be undone, and nobody has said yes.
    #[error("{action}: this cannot be undone, and there is no terminal to ask on")]
    Unconfirmed {
        /// What would have happened.
        action: String,
    },
    /// A batch cannot be run as it is written.
    #[error("the batch `{}` cannot be run{}", file.display(), lines(problems))]
    Batch {
        /// Its file.
        file: PathBuf,
        /// All that is wrong with it.
        problems: Vec<String>,
    },
    /// A batch is to begin anew while something of its earlier run still runs.
    #[error("the batch `{}` still runs: {} on", file.display(), going(executions))]
    BatchRuns {
        /// Its file.
        file: PathBuf,
        /// What runs.
        executions: Vec<i64>,
    },
    /// Another process runs a batch.
    #[error("another `soctl` runs the batch `{}`", file.display())]
    BatchInUse {
        /// Its file.
        file: PathBuf,
    },
    /// Ctrl-C while executions go on.
    #[error("interrupted; {} on", going(executions))]
    StoppedWaiting {
        /// Those that had not ended.
        executions: Vec<i64>,
    },
}

impl Explain for CommandError {
    fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "SO8001",
            Self::NoProject { .. } => "SO8002",
            Self::NotFound { .. } => "SO8003",
            Self::Ambiguous { .. } => "SO8004",
            Self::Argument { .. } => "SO8005",
            Self::NoMaster => "SO8006",
            Self::NotLoggedIn { .. } => "SO8040",
            Self::PasswordNeeded { .. } => "SO8041",
            Self::Malformed { .. } => "SO8007",
            Self::Service { .. } => "SO8008",
            Self::Program { .. } => "SO8030",
            Self::Interrupted => INTERRUPTED,
            Self::FolderInUse { .. } => "SO8010",
            Self::StoppedWaiting { .. } => STOPPED_WAITING,
            Self::Output(_) => "SO8012",
            Self::Unconfirmed { .. } => "SO8020",
            Self::Batch { .. } => "SO8033",
            Self::BatchRuns { .. } => "SO8031",
            Self::BatchInUse { .. } => "SO8032",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Blame::Missing
            }
            Self::NotFound { .. } => Blame::Missing,
            Self::NoProject { .. } => Blame::Unreadable,
            Self::File { .. }
            | Self::Service { .. }
            | Self::Program { .. }
            | Self::Output(_)
            | Self::Interrupted
            | Self::StoppedWaiting { .. } => Blame::Server,
            Self::FolderInUse { .. } | Self::BatchRuns { .. } | Self::BatchInUse { .. } => {
                Blame::Conflict
            }
            Self::Ambiguous { .. }
            | Self::Argument { .. }
            | Self::Malformed { .. }
            | Self::PasswordNeeded { .. }
            | Self::Batch { .. }
            | Self::Unconfirmed { .. } => Blame::Caller,
            Self::NotLoggedIn { .. } => Blame::Stranger,
            Self::NoMaster => Blame::Unreachable,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::NotFound { hint, .. }
            | Self::Ambiguous { hint, .. }
            | Self::Argument { hint, .. }
            | Self::NoProject { hint, .. } => return hint.clone(),
            Self::Malformed { path, .. } => return format!("mend or remove `{}`", path.display()),
            Self::FolderInUse { holder, .. } => return in_use_hint(*holder),
            Self::StoppedWaiting { executions } => return going_on_hint(executions),
            Self::NotLoggedIn { .. } => {
                "log in with `soctl login`, or put a token into `SOCTL_TOKEN`"
            }
            Self::PasswordNeeded { .. } => {
                "give it in a file with `--password-file FILE`, or on stdin with `--password-file -`"
            }
            Self::NoMaster => {
                "start one here with `soctl up`, log in to one with `soctl login`, or name one with `--master https://host:8391`, the thumbprint \
                 of its certificate in `SOCTL_THUMBPRINT` and a token in `SOCTL_TOKEN`"
            }
            Self::File { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => "check the path; nothing is there",
                std::io::ErrorKind::PermissionDenied => {
                    "check owner and mode of the file and of the folders above it"
                }
                std::io::ErrorKind::AlreadyExists => "remove it, or name another path",
                _ => "check the path, its owner and mode, and the free space of its disk",
            },
            Self::Program { .. } => {
                "mend what it complains about and run this again: it goes on where it stopped"
            }
            Self::Service { .. } => "run it again with `-v`: the service log says why",
            Self::Output(_) => "check the free space and the rights where stdout goes",
            Self::Unconfirmed { .. } => "add `--yes` if it is meant",
            Self::Batch { .. } => {
                "correct them all in the file; `soctl batch check` looks again without running it"
            }
            Self::BatchRuns { .. } => {
                "`soctl batch resume` waits for it and runs what is left; `soctl executions stop` ends it"
            }
            Self::BatchInUse { .. } => "wait until the other one has ended, or end it",
            Self::Interrupted => "nothing, if that was meant; otherwise run it again",
        };
        hint.to_owned()
    }
}

/// One problem a line, below what they are problems of.
fn lines(problems: &[String]) -> String {
    let lines = problems.iter().map(|problem| format!("\n  - {problem}"));
    format!(":{}", lines.collect::<String>())
}

fn process_text(holder: Option<u32>) -> String {
    holder.map_or_else(String::new, |process| format!(" (process {process})"))
}

fn in_use_hint(holder: Option<u32>) -> String {
    let other = match holder {
        Some(process) => format!("stop the other one (`kill {process}`)"),
        None => "stop the other one".to_owned(),
    };
    format!("{other}, or give this one a folder of its own with `--data`")
}

/// `execution 42 goes`, `executions 42 and 43 go`.
fn going(executions: &[i64]) -> String {
    match executions {
        [one] => format!("execution {one} goes"),
        several => format!("executions {} go", listed(several, ", ")),
    }
}

fn going_on_hint(executions: &[i64]) -> String {
    let watch = format!(
        "`soctl executions watch {}` waits again",
        listed(executions, " ")
    );
    let stop: Vec<String> = executions
        .iter()
        .map(|id| format!("`soctl executions stop {id}`"))
        .collect();
    let ends = if stop.len() == 1 {
        "ends it"
    } else {
        "end them"
    };
    format!("{watch}; {} {ends}", stop.join(", "))
}

fn listed(executions: &[i64], between: &str) -> String {
    let texts: Vec<String> = executions.iter().map(ToString::to_string).collect();
    texts.join(between)
}

/// An I/O error with the file that it happened on.
pub fn file_error(
    action: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(std::io::Error) -> CommandError {
    let path = path.into();
    move |source| CommandError::File {
        action,
        path,
        source,
    }
}
