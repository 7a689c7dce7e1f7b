//! Service logs and task logs, as they cross the wire: asked for by people, answered by a master
//! for itself and by a worker through its master.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which part of a log is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogQuery {
    /// So many lines from the end, where nothing is said about a position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<u32>,
    /// What comes after a position that an earlier page gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// Its lines, each a JSON object.
    pub lines: Vec<String>,
    /// The position after the last line; absent where there is no log yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Whether nothing will be added: the execution has ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_final: bool,
}

/// Which log of a worker is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogSource {
    /// Its service log.
    Service,
    /// The task logs of an execution, of all attempts that this worker has made.
    Execution(i64),
    /// No log, but its settings as they are in force: a line for each key.
    Settings,
}

/// A master wants a part of a log of a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogWanted {
    /// Number of the question.
    pub request: Uuid,
    /// Which log.
    pub source: LogSource,
    /// Which part.
    pub query: LogQuery,
}

/// `POST service_log`: a worker answers [`LogWanted`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAnswer {
    /// Number of the question.
    pub request: Uuid,
    /// The part that was wanted; absent where it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<LogPage>,
    /// Why it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
