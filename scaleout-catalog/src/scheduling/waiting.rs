//! Why an execution has not started, as a code and a sentence.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::caps::{CapReached, Usage};
use super::snapshot::{AllowedWorkers, PendingExecution, SchedulingSnapshot, WorkerSnapshot};

/// A worker that was not heard of for this long counts as offline: two missed heartbeats of the
/// default `AgentHeartbeatInterval`, and a little more.
pub const OFFLINE_AFTER: SignedDuration = SignedDuration::from_secs(130);

/// Most names or ids that a sentence lists.
const MOST_LISTED: usize = 5;

/// Every code of a [`WaitReason`].
pub const WAIT_CODES: [&str; 12] = [
    "IN_TURN",
    "KEY_LIMIT",
    "NO_ENABLED_WORKER",
    "NO_FREE_SLOT",
    "NO_WORKER",
    "NO_WORKER_WITH_TAGS",
    "PACKAGE_LIMIT",
    "WORKER_BUSY",
    "WORKER_DISABLED",
    "WORKER_DRAINING",
    "WORKER_OFFLINE",
    "WORKER_UNKNOWN",
];

/// What keeps one worker from running one execution; the first that could pass soonest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// All its slots are taken.
    Full {
        /// Leases that it holds.
        held: u32,
        /// `MaxTaskCount`
        most: u32,
    },
    /// Its machine is busy, in its own words.
    Busy(String),
    /// An administrator drains it.
    Draining,
    /// It was not heard of.
    Offline {
        /// When it was last.
        since: Timestamp,
    },
    /// It has not all the tags.
    Tags,
    /// An administrator has not enabled it.
    Disabled,
}

impl Obstacle {
    /// What keeps a worker from running an execution; `None` when nothing does.
    #[must_use]
    pub fn between(
        worker: &WorkerSnapshot,
        execution: &PendingExecution,
        now: Timestamp,
    ) -> Option<Self> {
        if !worker.enabled {
            return Some(Self::Disabled);
        }
        if !worker.tags.include(&execution.required_tags) {
            return Some(Self::Tags);
        }
        if OFFLINE_AFTER < now.duration_since(worker.last_seen) {
            let since = worker.last_seen;
            return Some(Self::Offline { since });
        }
        if worker.drain.is_some() {
            return Some(Self::Draining);
        }
        // An idle worker takes one, however busy its machine is.
        if let Some(gate) = worker.gate.as_ref().filter(|_| 0 < worker.live_leases) {
            return Some(Self::Busy(gate.clone()));
        }
        (worker.free_slots() == 0).then_some(Self::Full {
            held: worker.live_leases,
            most: worker.max_task_count,
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Full { .. } => 0,
            Self::Busy(_) => 1,
            Self::Draining => 2,
            Self::Offline { .. } => 3,
            Self::Tags => 4,
            Self::Disabled => 5,
        }
    }
}

/// Why an execution has not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// No worker has ever registered.
    NoWorker,
    /// The workers that were added to it are not there any more.
    Unknown,
    /// Something keeps every worker that may run it; the obstacle is the one that could pass soonest.
    Workers {
        /// What.
        obstacle: Obstacle,
        /// Names of the workers with an obstacle of this kind.
        names: Vec<String>,
        /// Slots that they hold and have, of [`Obstacle::Full`].
        slots: (u32, u32),
        /// Whether it was started for named workers.
        named: bool,
        /// Tags that it asks for, as text.
        tags: String,
    },
    /// A cap is reached.
    Cap(CapReached),
    /// Nothing: a worker with a free slot takes it in its turn.
    InTurn,
}

impl WaitReason {
    /// Why an execution of a snapshot waits.
    #[must_use]
    pub fn of(snapshot: &SchedulingSnapshot, usage: &Usage, execution: &PendingExecution) -> Self {
        if snapshot.workers.is_empty() {
            return Self::NoWorker;
        }
        let may = |worker: &&WorkerSnapshot| execution.allowed.contains(worker.worker);
        let allowed: Vec<&WorkerSnapshot> = snapshot.workers.iter().filter(may).collect();
        if allowed.is_empty() {
            return Self::Unknown;
        }
        let obstacles: Vec<(&WorkerSnapshot, Option<Obstacle>)> = allowed
            .into_iter()
            .map(|worker| (worker, Obstacle::between(worker, execution, snapshot.taken)))
            .collect();
        let easiest = obstacles
            .iter()
            .map(|(_, obstacle)| obstacle.as_ref())
            .min_by_key(|obstacle| obstacle.map_or(0, |one| one.rank() + 1))
            .flatten();
        let passing = matches!(
            easiest,
            None | Some(Obstacle::Full { .. } | Obstacle::Busy(_))
        );
        if let Some(cap) = usage.obstacle(execution).filter(|_| passing) {
            return Self::Cap(cap);
        }
        let Some(obstacle) = easiest.cloned() else {
            return Self::InTurn;
        };
        let alike: Vec<&WorkerSnapshot> = obstacles
            .iter()
            .filter(|(_, other)| {
                other
                    .as_ref()
                    .is_some_and(|one| one.rank() == obstacle.rank())
            })
            .map(|(worker, _)| *worker)
            .collect();
        Self::Workers {
            slots: (
                alike.iter().map(|worker| worker.live_leases).sum(),
                alike.iter().map(|worker| worker.max_task_count).sum(),
            ),
            names: alike
                .iter()
                .map(|worker| worker.display_name.clone())
                .collect(),
            obstacle,
            named: matches!(execution.allowed, AllowedWorkers::Only(_)),
            tags: execution.required_tags.to_string(),
        }
    }

    /// The code, for programs; never reused for something else.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoWorker => "NO_WORKER",
            Self::Unknown => "WORKER_UNKNOWN",
            Self::Cap(CapReached::Package { .. }) => "PACKAGE_LIMIT",
            Self::Cap(CapReached::Key { .. }) => "KEY_LIMIT",
            Self::InTurn => "IN_TURN",
            Self::Workers {
                obstacle, named, ..
            } => match obstacle {
                Obstacle::Full { .. } => "NO_FREE_SLOT",
                Obstacle::Busy(_) => "WORKER_BUSY",
                Obstacle::Draining => "WORKER_DRAINING",
                Obstacle::Offline { .. } => "WORKER_OFFLINE",
                Obstacle::Tags => "NO_WORKER_WITH_TAGS",
                Obstacle::Disabled if *named => "WORKER_DISABLED",
                Obstacle::Disabled => "NO_ENABLED_WORKER",
            },
        }
    }

    /// What to do about it; `None` where waiting is all there is to do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoWorker => "start a worker with `soctl workers run`",
            Self::Unknown => "stop it and start it anew with a worker of `soctl workers list`",
            Self::Cap(_) | Self::InTurn => return None,
            Self::Workers { obstacle, .. } => match obstacle {
                Obstacle::Full { .. } => return None,
                Obstacle::Busy(_) => {
                    "wait, or raise TaskRequestMaxCPU or lower TaskRequestMinMemory in the worker's settings"
                }
                Obstacle::Draining => "let it take work again with `soctl workers resume`",
                Obstacle::Offline { .. } => "start the worker, and see its log",
                Obstacle::Tags => "give a worker the tags with `soctl workers tag`",
                Obstacle::Disabled => "let one take work with `soctl workers enable`",
            },
        })
    }

    /// The sentence; with `now`, times are also said as durations.
    #[must_use]
    pub fn sentence(&self, now: Option<Timestamp>) -> String {
        match self {
            Self::NoWorker => "no worker has registered with this master".to_owned(),
            Self::Unknown => {
                "none of the workers that may run it is registered any more".to_owned()
            }
            Self::InTurn => {
                "nothing keeps it: a worker with a free slot takes it in its turn".to_owned()
            }
            Self::Cap(CapReached::Package { limit, by }) => format!(
                "the cap of its package ({limit} at once) is reached by {}",
                Listed(by)
            ),
            Self::Cap(CapReached::Key { key, limit, by }) => format!(
                "the cap of the key `{key}` ({limit} at once) is reached by {}",
                Listed(by)
            ),
            Self::Workers {
                obstacle,
                names,
                slots,
                named,
                tags,
            } => {
                let who = if *named {
                    "that may run it"
                } else {
                    "there is"
                };
                let names = Listed(names);
                match obstacle {
                    Obstacle::Full { .. } => format!(
                        "all slots of the workers that may run it are taken ({} of {}): {names}",
                        slots.0, slots.1
                    ),
                    Obstacle::Busy(gate) => {
                        format!("the machines of workers with free slots are busy: {names}: {gate}")
                    }
                    Obstacle::Draining => format!("every worker {who} is drained: {names}"),
                    Obstacle::Offline { since } => {
                        let ago = now.map(|now| minutes(now.duration_since(*since)));
                        let ago = ago.map(|ago| format!(" ({ago})")).unwrap_or_default();
                        format!("every worker {who} is offline: {names}, since {since}{ago}")
                    }
                    Obstacle::Tags => format!("no worker has all of the tags {tags}"),
                    Obstacle::Disabled if *named => {
                        format!("every worker that may run it is disabled: {names}")
                    }
                    Obstacle::Disabled => format!("no worker is enabled; there is {names}"),
                }
            }
        }
    }
}

/// `3 min`
fn minutes(duration: SignedDuration) -> String {
    match duration.as_secs() {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ 60..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// The first few of a list.
struct Listed<'l, T>(&'l [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, one) in self.0.iter().take(MOST_LISTED).enumerate() {
            if 0 < index {
                f.write_str(", ")?;
            }
            write!(f, "{one}")?;
        }
        match self.0.len().saturating_sub(MOST_LISTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// How many executions of a snapshot wait for which reason; every code is there.
#[must_use]
pub fn count_by_reason(snapshot: &SchedulingSnapshot) -> BTreeMap<&'static str, u64> {
    let usage = Usage::of(&snapshot.held);
    let mut counts: BTreeMap<&'static str, u64> = WAIT_CODES.map(|code| (code, 0)).into();
    for execution in &snapshot.pending {
        let reason = WaitReason::of(snapshot, &usage, execution);
        *counts.entry(reason.code()).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests;
