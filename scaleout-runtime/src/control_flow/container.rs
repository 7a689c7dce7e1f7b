//! Runs the children of a container: the thin loop around [`schedule`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Sender;

use super::executable::{self, Ended};
use super::frame::Place;
use super::node::Node;
use super::outcome::Outcome;
use super::precedence;
use super::schedule::{self, Admission, Graph, Snapshot};
use crate::events::{Events, Message, Severity};
use crate::run::{Reporter, Runtime};
use crate::services::Variables;
use crate::variables::expressions;

/// `DTS_E_PRECEDENCECONSTRAINT`
const PRECEDENCE_CONSTRAINT: u32 = 0xC001_4021;

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
        if self.runtime.host.cancel.is_canceled() || failed_elsewhere {
            snapshot.admission = Admission::Nothing;
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
