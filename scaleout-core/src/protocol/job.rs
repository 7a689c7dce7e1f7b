//! A job of the catalog that a package starts or stops: the executor asks its worker, the worker
//! asks the master.
//!
//! `POST call_job` names the attempt of the package, which must be the one in force and held by the
//! worker that asks. The call is made with the rights of who started the execution. A call is known
//! by the place of its task, so that one whose answer was lost, and a package that runs again after
//! the loss of its worker, starts no job twice.

use serde::{Deserialize, Serialize};

use super::worker::AttemptKey;
use crate::registry::Arguments;

/// What a package asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobCall {
    /// Number of the call in this run of the package; the answer names it.
    pub call: u64,
    /// What is to be done.
    pub request: JobRequest,
}

/// A procedure of msdb with its arguments, and who calls it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRequest {
    /// Path of the task with iterations: `\Package\Loop[2]\Start`.
    pub path: String,
    /// How often the task at that path has called something in this attempt, this time included.
    pub occurrence: u32,
    /// What is to be done.
    pub verb: JobVerb,
    /// Arguments of the procedure, by their names with `@`.
    pub arguments: Arguments,
}

/// What a package may do with jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobVerb {
    /// `sp_start_job`
    Start,
    /// `sp_stop_job`
    Stop,
}

impl JobVerb {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Start, Self::Stop];

    /// The procedure that does it.
    #[must_use]
    pub fn procedure(self) -> &'static str {
        match self {
            Self::Start => "sp_start_job",
            Self::Stop => "sp_stop_job",
        }
    }
}

/// What the executor hears of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobAnswer {
    /// Which call.
    pub call: u64,
    /// What came of it.
    pub outcome: JobOutcome,
}

/// `POST call_job`: starts or stops a job, or finds out that this call has done so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallJob {
    /// The attempt of the package.
    pub attempt: AttemptKey,
    /// What is to be done.
    pub request: JobRequest,
}

/// Answer to [`CallJob`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobOutcome {
    /// It is done, and durable.
    Done {
        /// The run that was started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run_id: Option<i64>,
    },
    /// It was not done.
    Refused {
        /// Why, with its code, and what to do.
        reason: String,
    },
}
