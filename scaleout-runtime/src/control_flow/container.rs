//! Runs the children of a container: the thin loop around [`schedule`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Sender;

use super::executable::{self, Ended};
use super::frame::Place;
use super::node::Node;
use super::outcome::Outcome;
use super::precedence;
use super::schedule::{self, Admission, EdgeState, Graph, Snapshot};
use crate::events::{Events, Message, Severity};
use crate::run::{Reporter, Runtime};
use crate::services::Variables;
use crate::value::Value;
use crate::variables::expressions;

/// `DTS_E_PRECEDENCECONSTRAINT`
const PRECEDENCE_CONSTRAINT: u32 = 0xC001_4021;
/// `DTS_I_CHECKPOINTSAVEDTOFILE`
const CHECKPOINT_SAVED: u32 = 0x4001_6047;

/// Runs all children of a container once, by their precedence constraints.
pub fn run(runtime: &Arc<Runtime>, node: &Node, place: &Place) -> Outcome {
    let Ok(graph) = &node.graph else {
        // Validation has named the reason and refused the package.
        return Outcome::Failure;
    };
    let run = Run {
        runtime,
        node,
        graph,
        place,
    };
    std::thread::scope(|threads| run.drive(threads))
}

struct Run<'r> {
    runtime: &'r Arc<Runtime>,
    node: &'r Node,
    graph: &'r Graph,
    place: &'r Place,
}

struct Done {
    index: usize,
    ended: Ended,
}

impl<'r> Run<'r> {
    fn drive<'s>(&'s self, threads: &'s std::thread::Scope<'s, 'r>) -> Outcome
    where
        'r: 's,
    {
        let (done, all_done) = crossbeam_channel::unbounded();
        let mut snapshot = Snapshot::new(self.graph);
        let mut running = 0_usize;
        let mut failed_with_child = false;
        loop {
            self.admit(&mut snapshot);
            let decision = schedule::decide(self.graph, &snapshot);
            snapshot.apply(self.graph, &decision);
            match decision.start.as_slice() {
                // Nothing else could start before it ends: no thread is needed.
                [only] if running == 0 => self.run_child(*only, &done),
                several => several
                    .iter()
                    .for_each(|index| self.spawn(threads, *index, &done)),
            }
            running += decision.start.len();
            if running == 0 {
                break;
            }
            // `done` lives here, so the channel stays open.
            let Ok(Done { index, ended }) = all_done.recv() else {
                break;
            };
            running -= 1;
            failed_with_child |= ended.takes_parent;
            self.end(&mut snapshot, index, ended);
        }
        self.result(failed_with_child)
    }

    fn result(&self, failed_with_child: bool) -> Outcome {
        if self.runtime.host.cancel.is_canceled() {
            return Outcome::Canceled;
        }
        let is_package = self.node.frame.outer.is_none();
        match failed_with_child || (is_package && self.runtime.has_failed()) {
            true => Outcome::Failure,
            false => Outcome::Success,
        }
    }

    /// Closes the door when the package is being stopped or has failed at once.
    fn admit(&self, snapshot: &mut Snapshot) {
        let failed_elsewhere = self.runtime.has_failed() && snapshot.admission == Admission::All;
        let ends = self.runtime.host.cancel.is_canceled() || self.is_ended_handler();
        if ends || failed_elsewhere {
            snapshot.admission = Admission::Nothing;
        }
    }

    /// Whether this is in an event handler that has set `System::Cancel`.
    fn is_ended_handler(&self) -> bool {
        self.place.inside.is_some() && {
            let cancel = self.node.scope.get("System::Cancel");
            matches!(cancel.map(|value| value.value), Ok(Value::Bool(true)))
        }
    }

    fn spawn<'s>(
        &'s self,
        threads: &'s std::thread::Scope<'s, 'r>,
        index: usize,
        done: &Sender<Done>,
    ) where
        'r: 's,
    {
        let to = done.clone();
        let name = self.node.children[index].executable.name.clone();
        let spawned = std::thread::Builder::new()
            .name(name)
            .spawn_scoped(threads, move || self.run_child(index, &to));
        if spawned.is_err() {
            // No thread to be had: one after the other still ends well.
            self.run_child(index, done);
        }
    }

    fn run_child(&self, index: usize, done: &Sender<Done>) {
        let child = &self.node.children[index];
        if let Some(outcome) = self.done_before(index) {
            let ended = Ended::quietly(outcome);
            let _sent = done.send(Done { index, ended });
            return;
        }
        let place = self.place.child(&child.executable.name);
        let run = || executable::run(self.runtime, child, &place);
        // A sibling that never reports would leave the loop waiting for ever.
        let ended = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_panic| {
            let text = format!(
                "`{}` crashed, which is a defect of the program (SO4002)",
                child.frame.name
            );
            let reporter = Reporter::new(self.runtime, &child.frame, &place);
            reporter.raise(Severity::Error, Message::new(0xC002_4104, text));
            Ended {
                outcome: Outcome::Failure,
                takes_parent: true,
                ran: true,
            }
        });
        // The receiver outlives every sender: the loop waits for all it started.
        let _sent = done.send(Done { index, ended });
    }

    fn end(&self, snapshot: &mut Snapshot, index: usize, ended: Ended) {
        let ends_all = ended.takes_parent
            || (self.runtime.has_failed()
                && self.node.children[index].executable.fail_package_on_failure);
        if ends_all && ended.outcome == Outcome::Failure {
            snapshot.admission = Admission::After(index);
        }
        let met = |position: usize| self.is_met(position, ended.outcome);
        snapshot.end(self.graph, index, ended.outcome, met);
        self.save(snapshot, index, ended);
    }

    /// Whether checkpoints see the children one by one: not in loops, transactions and handlers.
    fn has_checkpoints(&self) -> bool {
        !self.place.is_unit && self.place.inside.is_none()
    }

    /// How a child ended in an earlier run that this one goes on from.
    fn done_before(&self, index: usize) -> Option<Outcome> {
        let id = &self.node.children[index].executable.id;
        let before = self.runtime.checkpoints.done_before(id);
        before.filter(|_| self.has_checkpoints())
    }

    /// Saves a checkpoint behind a child that ended well.
    fn save(&self, snapshot: &Snapshot, index: usize, ended: Ended) {
        let is_well = matches!(ended.outcome, Outcome::Success | Outcome::Completion);
        if !is_well || !self.has_checkpoints() || self.done_before(index).is_some() {
            return;
        }
        let child = &self.node.children[index];
        let incoming = self.graph.edges.iter().zip(&snapshot.edges);
        let incoming = incoming.filter(|(edge, _)| edge.to == index);
        let letters = incoming.map(|(_, state)| match state {
            EdgeState::True => 'Y',
            EdgeState::Open | EdgeState::False => 'N',
        });
        let (root, id) = (&self.runtime.plan.root, &child.executable.id);
        let checkpoints = &self.runtime.checkpoints;
        let saved = checkpoints.record(root, id, ended.outcome, letters.collect());
        let place = self.place.child(&child.executable.name);
        let reporter = Reporter::new(self.runtime, &child.frame, &place);
        match saved {
            Ok(Some(file)) if ended.ran => {
                let text =
                    format!("checkpoint file `{file}` now records that this container finished");
                let message = Message::new(CHECKPOINT_SAVED, text);
                reporter.raise(Severity::Information, message);
            }
            Ok(_) => {}
            Err((file, reason)) => {
                let text = format!("checkpoint file `{file}` could not be written: {reason}");
                let message = Message::new(executable::CHECKPOINT_FILE, text);
                reporter.raise(Severity::Error, message);
            }
        }
    }

    fn is_met(&self, position: usize, outcome: Outcome) -> bool {
        let edge = &self.graph.edges[position];
        let needs = precedence::needs_expression(edge, outcome);
        let expression = needs && self.evaluate(position);
        precedence::is_met(edge, outcome, expression)
    }

    /// The expression of a constraint; one that fails is an error of the container, and not met.
    fn evaluate(&self, position: usize) -> bool {
        let constraint = &self.node.executable.precedence_constraints[position];
        let scope = &self.node.scope;
        let variables: &dyn Variables = &**scope;
        match expressions::boolean(&constraint.expression, variables, scope.context()) {
            Ok(met) => met,
            Err(error) => {
                let text = format!(
                    "precedence constraint `{}` from `{}` to `{}` is in error: {}",
                    constraint.name, constraint.from, constraint.to, error.message
                );
                let reporter = Reporter::new(self.runtime, &self.node.frame, self.place);
                reporter.raise(Severity::Error, Message::new(PRECEDENCE_CONSTRAINT, text));
                false
            }
        }
    }
}
