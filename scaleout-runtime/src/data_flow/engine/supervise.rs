//! Starts the threads of a data flow, watches over them, and collects what they leave.

use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};
use jiff::{SignedDuration, Timestamp};
use scaleout_core::protocol::event::DataStatistics;

use super::build::{Blueprint, Work};
use super::node::Node;
use super::report;
use super::thread::{self, Ended};
use crate::data_flow::codes;
use crate::events::Severity;

/// How soon a stop reaches threads that wait for each other.
const TICK: Duration = Duration::from_millis(50);
/// How often rows are reported while they flow.
const STATISTICS_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// What is left after all threads ended.
pub struct Executed {
    /// All components, in component order.
    pub nodes: Vec<Node>,
    /// Whether every row went through.
    pub complete: bool,
}

/// Runs all trees at once and waits for all of them.
pub fn execute(blueprint: &Blueprint<'_>, work: Vec<Work>, destinations: &[usize]) -> Executed {
    let expected = work.len();
    let ended = start(blueprint, work);
    let mut statistics = Statistics::new(blueprint, destinations);
    let mut executed = Executed {
        nodes: Vec::new(),
        complete: true,
    };
    let mut arrived = 0;
    loop {
        match ended.recv_timeout(TICK) {
            Ok(Ended { root, complete }) => {
                arrived += 1;
                executed.complete &= complete;
                root.dismantle(&mut executed.nodes);
            }
            Err(RecvTimeoutError::Timeout) => {
                if blueprint.shared.cancel.is_canceled() {
                    blueprint.shared.stop();
                }
                statistics.publish_if_due();
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    executed.complete &= arrived == expected;
    executed.nodes.sort_by_key(|node| node.index);
    statistics.publish();
    executed
}

fn start(blueprint: &Blueprint<'_>, work: Vec<Work>) -> Receiver<Ended> {
    let (done, ended) = unbounded();
    for work in work {
        let done = done.clone();
        let name = work.root.thread.name.clone();
        let spawned = Builder::new().name(name.clone()).spawn(move || {
            // Nobody waits any more only if the supervisor is gone, and the process with it.
            let _ = done.send(thread::run(work));
        });
        if let Err(error) = spawned {
            let text = format!("thread \"{name}\" could not be started: {error}");
            let events = blueprint.shared.events.as_ref();
            report::pipeline(events, Severity::Error, codes::THREAD_FAILED, text);
            blueprint.shared.fail();
        }
    }
    ended
}

/// Rows over the paths, reported when they changed.
struct Statistics<'s> {
    blueprint: &'s Blueprint<'s>,
    destinations: &'s [usize],
    published: Vec<Option<u64>>,
    last: Timestamp,
}

impl<'s> Statistics<'s> {
    fn new(blueprint: &'s Blueprint<'s>, destinations: &'s [usize]) -> Self {
        Self {
            blueprint,
            destinations,
            published: vec![None; blueprint.plan.graph.edges.len()],
            last: blueprint.shared.clock.now(),
        }
    }

    fn publish_if_due(&mut self) {
        let now = self.blueprint.shared.clock.now();
        if STATISTICS_EVERY <= now.duration_since(self.last) {
            self.last = now;
            self.publish();
        }
    }

    fn publish(&mut self) {
        let Blueprint {
            pipeline,
            plan,
            shared,
            ..
        } = self.blueprint;
        let shared = Arc::clone(shared);
        for (number, edge) in plan.graph.edges.iter().enumerate() {
            let rows = shared.rows_over(number);
            let runs = plan.graph.outgoing[edge.from.component][edge.from.index] == Some(number);
            if !runs || self.published[number] == Some(rows) {
                continue;
            }
            self.published[number] = Some(rows);
            let path = &pipeline.paths[edge.path];
            shared.events.data_statistics(DataStatistics {
                package_name: String::new(),
                task_name: String::new(),
                execution_path: String::new(),
                path_id: path.ref_id.clone(),
                path_name: path.name.clone(),
                source_component: pipeline.components[edge.from.component].name.clone(),
                destination_component: pipeline.components[edge.to.component].name.clone(),
                into_destination: self.destinations.contains(&edge.to.component),
                rows_sent: rows,
            });
        }
    }
}
