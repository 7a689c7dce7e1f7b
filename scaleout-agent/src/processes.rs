//! The processes of executors: marked in their environment, and ended to the last one.
//!
//! A package starts programs, which start programs. A process group loses those that leave it,
//! and a parent loses those that outlive their own parent, so each executor is started with
//! variables that everything below it inherits. What has them, and what is below it, belongs to
//! the executor and ends with it.
//!
//! Becoming the subreaper of such processes would add only those that both replace their whole
//! environment and outlive their parent. It would be undone by the end of the process that is
//! the subreaper, and that one would have to reap children that it never started beside those
//! that it waits for. So nobody does.
//!
//! All of this reads `/proc`, as Linux has it. Elsewhere nothing is found here, and the process
//! groups of executors and of their programs are all that is ended.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use uuid::Uuid;

/// Variable with the id of the executor.
const EXECUTOR: &str = "SCALEOUT_EXECUTOR";
/// Variable with the worker of the executor, a [`WorkerProcess`].
const WORKER: &str = "SCALEOUT_WORKER";
/// How often the processes are looked through, at most.
const ROUNDS: u32 = 200;
/// Rest between two looks, for the killed to go.
const REST: Duration = Duration::from_millis(5);

/// A worker in one process. Another process that runs the same worker later is not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WorkerProcess {
    agent_id: Uuid,
    pid: i32,
    /// Ticks from the start of the machine: process ids are used again.
    started: u64,
}

impl WorkerProcess {
    /// The worker `agent_id` in this process.
    pub(crate) fn here(agent_id: Uuid) -> Self {
        let pid = own_pid();
        let started = Process::read(pid).map_or(0, |process| process.started);
        Self {
            agent_id,
            pid,
            started,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (agent_id, process) = text.split_once('@')?;
        let (pid, started) = process.split_once('.')?;
        Some(Self {
            agent_id: agent_id.parse().ok()?,
            pid: pid.parse().ok()?,
            started: started.parse().ok()?,
        })
    }

    fn is_alive(&self) -> bool {
        Process::read(self.pid).is_some_and(|now| now.started == self.started)
    }
}

impl fmt::Display for WorkerProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}.{}", self.agent_id, self.pid, self.started)
    }
}

/// The mark of one executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    executor: Uuid,
    worker: WorkerProcess,
}

impl Mark {
    /// The mark of a new executor.
    pub(crate) fn new(executor: Uuid, worker: WorkerProcess) -> Self {
        Self { executor, worker }
    }

    /// The variables to start the executor with.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        [
            (EXECUTOR, self.executor.to_string()),
            (WORKER, self.worker.to_string()),
        ]
    }

    /// Kills the executor and everything below it. Blocks until nothing is left, for seconds
    /// at most.
    pub(crate) fn end_all(&self) {
        let id = self.executor.to_string();
        let swept = sweep(|process| process.variable(EXECUTOR) == Some(id.as_bytes()));
        swept.tell("an executor has ended");
    }
}

/// Kills what executors of this worker have left behind whose process is gone. Blocks likewise.
pub(crate) fn end_remains(worker: &WorkerProcess) {
    let swept = sweep(|process| {
        let of = process.variable(WORKER).and_then(|value| {
            let text = str::from_utf8(value).ok()?;
            WorkerProcess::parse(text)
        });
        of.is_some_and(|of| of.agent_id == worker.agent_id && of != *worker && !of.is_alive())
    });
    swept.tell("this worker ended without its executors");
}

/// Kills everything below this process, which is an executor that ends. Blocks likewise.
pub fn end_all_below() {
    let own = own_pid();
    let mark = std::env::var_os(EXECUTOR).unwrap_or_default();
    let is_mine = |process: &Process| {
        let marked = !mark.is_empty() && process.variable(EXECUTOR) == Some(mark.as_bytes());
        process.pid == own || marked
    };
    sweep(is_mine).tell("this executor ends");
}

/// What a sweep did.
#[derive(Debug, Default)]
struct Swept {
    killed: BTreeSet<i32>,
    refused: BTreeSet<i32>,
    left: BTreeSet<i32>,
}

impl Swept {
    fn tell(&self, why: &str) {
        if !self.killed.is_empty() {
            tracing::debug!("{why}: processes {:?} were killed", self.killed);
        }
        if !self.refused.is_empty() {
            let pids = &self.refused;
            tracing::warn!("{why}: processes {pids:?} of other accounts must not be killed");
        }
        if !self.left.is_empty() {
            tracing::warn!("{why}: processes {:?} do not go", self.left);
        }
    }
}

/// Kills what is marked and all below it, again and again until two looks in a row find nothing:
/// a process that forks while it is looked for may hide its child from one look.
fn sweep(is_marked: impl Fn(&Process) -> bool) -> Swept {
    let mut swept = Swept::default();
    let mut clean = 0;
    for _ in 0..ROUNDS {
        let mut found = belonging(&processes(), &is_marked);
        found.remove(&own_pid());
        found.retain(|pid| !swept.refused.contains(pid));
        swept.left.clone_from(&found);
        if found.is_empty() {
            clean += 1;
            if clean == 2 {
                break;
            }
            continue;
        }
        clean = 0;
        for pid in found {
            match kill(Pid::from_raw(pid), Signal::SIGKILL) {
                Err(Errno::EPERM) => swept.refused.insert(pid),
                // ESRCH: gone by itself.
                _ => swept.killed.insert(pid),
            };
        }
        std::thread::sleep(REST);
    }
    swept
}

/// The marked, and their children, and theirs.
fn belonging(processes: &[Process], is_marked: impl Fn(&Process) -> bool) -> BTreeSet<i32> {
    let marked = processes.iter().filter(|process| is_marked(process));
    let mut found: BTreeSet<i32> = marked.map(|process| process.pid).collect();
    loop {
        let below: Vec<i32> = processes
            .iter()
            .filter(|process| found.contains(&process.parent) && !found.contains(&process.pid))
            .map(|process| process.pid)
            .collect();
        if below.is_empty() {
            return found;
        }
        found.extend(below);
    }
}

/// One process, as far as this module looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Process {
    pid: i32,
    parent: i32,
    started: u64,
    /// `NAME=value`, each with a zero byte behind it; empty where it must not be read.
    environment: Vec<u8>,
}

impl Process {
    /// `None` when it is not there, or dead and only waited for.
    fn read(pid: i32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Self::parse(pid, &stat)
    }

    /// `pid (name) state ppid …`, where the name may hold anything.
    fn parse(pid: i32, stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        if matches!(*fields.first()?, "Z" | "X") {
            return None;
        }
        Some(Self {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            // The 22nd of all fields.
            started: fields.get(19)?.parse().ok()?,
            environment: Vec::new(),
        })
    }

    fn variable(&self, name: &str) -> Option<&[u8]> {
        let entries = self.environment.split(|byte| *byte == 0);
        entries.into_iter().find_map(|entry| {
            let value = entry.strip_prefix(name.as_bytes())?;
            value.strip_prefix(b"=")
        })
    }
}

fn processes() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name: OsString = entry.file_name();
            let pid = name.to_str()?.parse().ok()?;
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            Some(Process {
                environment,
                ..Process::read(pid)?
            })
        })
        .collect()
}

fn own_pid() -> i32 {
    nix::unistd::getpid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Child, Command, Stdio};

    use super::*;

    fn process(pid: i32, parent: i32, environment: &str) -> Process {
        Process {
            pid,
            parent,
            started: 0,
            environment: environment.replace(' ', "\0").into_bytes(),
        }
    }

    #[test]
    fn what_is_marked_and_all_below_it_belongs() {
        let table = [
            process(1, 0, ""),
            // A grandchild before its parent: process ids are no order.
            process(5, 9, "PATH=/bin"),
            process(9, 7, ""),
            process(7, 1, "HOME=/ SCALEOUT_EXECUTOR=a"),
            process(8, 1, "SCALEOUT_EXECUTOR=ab"),
            process(10, 1, "NOT_SCALEOUT_EXECUTOR=a"),
            process(11, 1, "SCALEOUT_EXECUTOR=a"),
        ];
        let found = belonging(&table, |one| one.variable(EXECUTOR) == Some(b"a"));
        assert_eq!(found, BTreeSet::from([5, 7, 9, 11]));
    }

    #[test]
    fn a_name_may_look_like_anything() {
        let stat = "42 (a) Z 1 (b) S 7 42 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 12345 1 1";
        let read = Process::parse(42, stat).unwrap();
        assert_eq!((read.parent, read.started), (7, 12345));
        let dead = "42 (a) Z 7 42 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 12345 1 1";
        assert_eq!(Process::parse(42, dead), None);
    }

    #[test]
    fn the_mark_of_a_worker_reads_back_and_knows_its_process() {
        let here = WorkerProcess::here(Uuid::from_u128(7));
        assert_eq!(WorkerProcess::parse(&here.to_string()), Some(here));
        assert!(here.is_alive());
        let before = WorkerProcess {
            started: here.started - 1,
            ..here
        };
        assert!(!before.is_alive(), "the id is used again");
        assert_eq!(WorkerProcess::parse("7@1"), None);
    }

    /// A process, and one below it in a session of its own, which no process group of ours holds.
    fn start(mark: &Mark) -> Child {
        Command::new("sh")
            .args(["-c", "setsid tail -f /dev/null & exec tail -f /dev/null"])
            .envs(mark.variables())
            .stdin(Stdio::null())
            .spawn()
            .unwrap()
    }

    #[test]
    fn only_the_remains_of_a_worker_that_is_gone_are_ended() {
        let here = WorkerProcess::here(Uuid::new_v4());
        let gone = WorkerProcess { started: 1, ..here };
        let other = WorkerProcess {
            agent_id: Uuid::new_v4(),
            ..gone
        };
        let parent = nix::unistd::getppid().as_raw();
        let twin = WorkerProcess {
            pid: parent,
            started: Process::read(parent).unwrap().started,
            ..here
        };
        let marks = [gone, here, twin, other].map(|worker| Mark::new(Uuid::new_v4(), worker));
        let mut children = marks.each_ref().map(start);

        end_remains(&here);

        let ended = children.each_mut().map(|child| match child.id() {
            // Waiting for one that was not killed would never end.
            id if Process::read(id.cast_signed()).is_some() => None,
            _ => child.wait().unwrap().signal(),
        });
        marks.iter().for_each(Mark::end_all);
        let marks = marks.map(|mark| mark.executor.to_string());
        let is_left = |process: &Process| {
            let of = process.variable(EXECUTOR).unwrap_or_default();
            marks.iter().any(|mark| mark.as_bytes() == of)
        };
        assert_eq!(ended, [Some(9), None, None, None]);
        assert!(!processes().iter().any(is_left));
        for mut child in children {
            assert_eq!(child.wait().unwrap().signal(), Some(9));
        }
    }
}
