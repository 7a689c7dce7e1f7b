//! Worker to executor process: JSON lines on its standard input and output.
//!
//! The executor runs one package at a time and stays warm between packages. It
//! writes [`FromExecutor`] lines on stdout and nothing else there; stderr is free
//! text for the worker's own log.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::child::{ChildAnswer, ChildCall};
use super::event::{Event, PackageResult};
use super::job::{JobAnswer, JobCall};
use super::task::TaskDescription;
use super::worker::Counter;

/// What a worker tells its executor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToExecutor {
    /// Run this package now. Only valid after [`FromExecutor::Ready`] or [`FromExecutor::Finished`].
    Run(Box<RunPackage>),
    /// Stop the running package at the next safe point.
    Stop,
    /// Write a dump of the running package; it goes on then.
    Dump {
        /// Id of the dump.
        dump_id: Uuid,
    },
    /// What came of a [`FromExecutor::RunChild`].
    ChildEnded(Box<ChildAnswer>),
    /// What came of a [`FromExecutor::CallJob`].
    JobCalled(Box<JobAnswer>),
    /// Leave; stdin at its end means the same.
    Exit,
}

/// Everything an executor needs to run one package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPackage {
    /// What to run.
    pub task: TaskDescription,
    /// The project's `.ispac` on this machine.
    pub project_file: PathBuf,
    /// Settings of the worker that matter to a package.
    pub settings: RuntimeSettings,
}

/// The part of a worker's settings that packages see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RuntimeSettings {
    /// Prefix of a path in a package, such as `\\server\share` or `C:\data`, to a folder here.
    /// The longest matching prefix wins; case is ignored, `/` and `\` are the same.
    pub path_mappings: BTreeMap<String, String>,
    /// Server or provider in a connection string to what to use instead.
    pub connection_map: BTreeMap<String, String>,
    /// Working folder for relative paths; the executor's own when absent.
    pub working_folder: Option<PathBuf>,
    /// Bytes that one data flow may hold; 0 means a quarter of the machine.
    pub data_flow_memory_budget: u64,
    /// Folder of the files of data taps; without it they cannot be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dumps_folder: Option<PathBuf>,
    /// Folder of dumps; without it they cannot be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_dumps_folder: Option<PathBuf>,
}

/// What an executor tells its worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
// The content has its own key because an event has a `type` of its own.
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FromExecutor {
    /// First line: alive and idle.
    Ready {
        /// Version of this line protocol, 1 today.
        version: u32,
        /// Process id.
        pid: u32,
    },
    /// Something happened in the package.
    Event(Box<Event>),
    /// What the package has read, written and holds now. Not a part of its log.
    Counters(Vec<Counter>),
    /// A child package is to run as an execution of its own; the package goes on meanwhile.
    RunChild(Box<ChildCall>),
    /// A job of the catalog is to be started or stopped; the task waits for the answer.
    CallJob(Box<JobCall>),
    /// The package ended. Everything it had to say was said before.
    Finished {
        /// How.
        result: PackageResult,
        /// Why it could not be run at all, where that is the executor's or the machine's fault. A
        /// package that cannot be run through its own fault fails with an event that says why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<crate::error::ErrorBody>,
        /// What it used, where the system tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<PackageUsage>,
    },
}

/// What a package used while it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageUsage {
    /// Processor time of the executor and of the programs it waited for, in milliseconds.
    pub processor_ms: u64,
    /// The most memory that the executor held at a time, in kB.
    pub peak_memory_kb: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::event::{EventBody, OutputNote};

    #[test]
    fn an_event_line_reads_back() {
        let said = FromExecutor::Event(Box::new(Event {
            sequence: 1,
            time: jiff::Timestamp::UNIX_EPOCH,
            body: EventBody::Output(OutputNote {
                component: "c".to_owned(),
                target: "t".to_owned(),
            }),
        }));
        let line = serde_json::to_string(&said).unwrap();
        assert_eq!(
            serde_json::from_str::<FromExecutor>(&line).unwrap(),
            said,
            "{line}"
        );
    }
}
