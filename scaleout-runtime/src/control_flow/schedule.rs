//! Which siblings of one container may start: precedence, decided without running anything.
//!
//! The caller runs executables and evaluates expressions; this module only says
//! what follows from what has ended.

use super::outcome::Outcome;
use super::precedence::Edge;

/// The siblings of one container and the constraints between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// How many siblings.
    pub siblings: usize,
    /// Constraints, in file order.
    pub edges: Vec<Edge>,
}

/// Where one sibling stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sibling {
    /// Not yet decided.
    #[default]
    Waiting,
    /// Under way.
    Started,
    /// Ended with a result.
    Ended(Outcome),
    /// Its constraints can never be met any more.
    NeverRuns,
}

/// Where one constraint stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EdgeState {
    /// Its `from` has not ended.
    #[default]
    Open,
    /// Met.
    True,
    /// Not met.
    False,
}

/// Everything that has happened in one run of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// One per sibling.
    pub siblings: Vec<Sibling>,
    /// One per edge of the graph.
    pub edges: Vec<EdgeState>,
    /// Whether new executables may still start.
    pub admission: Admission,
}

/// What may still start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// Whatever is ready.
    #[default]
    All,
    /// Only what follows this sibling: it failed and takes the container with it.
    After(usize),
    /// Nothing.
    Nothing,
}

/// What follows from a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Siblings to start now, in file order.
    pub start: Vec<usize>,
    /// Siblings that will never run, in file order.
    pub never: Vec<usize>,
}

impl Snapshot {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(graph: &Graph) -> Self {
        Self {
            siblings: vec![Sibling::Waiting; graph.siblings],
            edges: vec![EdgeState::Open; graph.edges.len()],
            admission: Admission::All,
        }
    }

    /// Takes a decision over: what starts is started, what never runs closes its constraints.
    pub fn apply(&mut self, graph: &Graph, decision: &Decision) {
        for &index in &decision.start {
            self.siblings[index] = Sibling::Started;
        }
        for &index in &decision.never {
            self.siblings[index] = Sibling::NeverRuns;
            for (edge, state) in graph.edges.iter().zip(&mut self.edges) {
                if edge.from == index {
                    *state = EdgeState::False;
                }
            }
        }
    }

    /// Records that a sibling ended; `met` says for each constraint from it whether it is met.
    pub fn end(
        &mut self,
        graph: &Graph,
        index: usize,
        outcome: Outcome,
        met: impl Fn(usize) -> bool,
    ) {
        self.siblings[index] = Sibling::Ended(outcome);
        for (position, edge) in graph.edges.iter().enumerate() {
            if edge.from == index {
                self.edges[position] = match met(position) {
                    true => EdgeState::True,
                    false => EdgeState::False,
                };
            }
        }
    }
}

/// What may start now, and what never will.
#[must_use]
pub fn decide(graph: &Graph, snapshot: &Snapshot) -> Decision {
    let mut decision = Decision::default();
    let mut edges = snapshot.edges.clone();
    let mut settled: Vec<bool> = snapshot
        .siblings
        .iter()
        .map(|sibling| *sibling != Sibling::Waiting)
        .collect();
    // A sibling that never runs closes the constraints after it, which may settle earlier ones.
    loop {
        let before = decision.never.len();
        for (index, settled) in settled.iter_mut().enumerate() {
            if *settled {
                continue;
            }
            match readiness(graph, &edges, index) {
                Readiness::Ready => decision.start.push(index),
                Readiness::Never => {
                    decision.never.push(index);
                    close_from(graph, &mut edges, index);
                }
                Readiness::Waits => continue,
            }
            *settled = true;
        }
        if decision.never.len() == before {
            break;
        }
    }
    decision
        .start
        .retain(|&index| admitted(graph, snapshot.admission, index));
    decision.start.sort_unstable();
    decision.never.sort_unstable();
    decision
}

enum Readiness {
    Ready,
    Waits,
    Never,
}

fn readiness(graph: &Graph, edges: &[EdgeState], index: usize) -> Readiness {
    let incoming = || {
        let pairs = graph.edges.iter().zip(edges);
        pairs.filter(move |(edge, _)| edge.to == index)
    };
    if incoming().next().is_none() {
        return Readiness::Ready;
    }
    let alone = || incoming().filter(|(edge, _)| !edge.logical_and);
    let together = || incoming().filter(|(edge, _)| edge.logical_and);
    let any_alone = alone().any(|(_, state)| *state == EdgeState::True);
    let has_together = together().next().is_some();
    let all_together = has_together && together().all(|(_, state)| *state == EdgeState::True);
    if any_alone || all_together {
        return Readiness::Ready;
    }
    let alone_open = alone().any(|(_, state)| *state == EdgeState::Open);
    let together_possible = has_together && together().all(|(_, state)| *state != EdgeState::False);
    match alone_open || together_possible {
        true => Readiness::Waits,
        false => Readiness::Never,
    }
}

fn close_from(graph: &Graph, edges: &mut [EdgeState], index: usize) {
    for (edge, state) in graph.edges.iter().zip(edges) {
        if edge.from == index {
            *state = EdgeState::False;
        }
    }
}

fn admitted(graph: &Graph, admission: Admission, index: usize) -> bool {
    match admission {
        Admission::All => true,
        Admission::Nothing => false,
        Admission::After(failed) => follows(graph, failed, index),
    }
}

/// Whether `index` is reached from `origin` over constraints.
fn follows(graph: &Graph, origin: usize, index: usize) -> bool {
    let mut reached = vec![false; graph.siblings];
    let mut open = vec![origin];
    while let Some(at) = open.pop() {
        for edge in graph.edges.iter().filter(|edge| edge.from == at) {
            if !reached[edge.to] {
                reached[edge.to] = true;
                open.push(edge.to);
            }
        }
    }
    reached[index]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scaleout_core::package::ConstraintValue;

    use super::super::precedence::{is_met, tests::edge};
    use super::*;

    fn graph(siblings: usize, edges: Vec<Edge>) -> Graph {
        Graph { siblings, edges }
    }

    /// Runs a graph to its end: what ran, in order. Expressions are all `expression`.
    fn run(graph: &Graph, outcomes: &[Outcome], expression: bool) -> Vec<usize> {
        let mut snapshot = Snapshot::new(graph);
        let mut ran = Vec::new();
        let mut running = Vec::new();
        loop {
            let decision = decide(graph, &snapshot);
            snapshot.apply(graph, &decision);
            running.extend(decision.start);
            let Some(index) = running.pop() else { break };
            ran.push(index);
            let met = |position: usize| is_met(&graph.edges[position], outcomes[index], expression);
            snapshot.end(graph, index, outcomes[index], met);
        }
        ran
    }

    #[test]
    fn a_chain_runs_in_order_and_stops_at_a_failure() {
        let chain = graph(3, vec![edge(0, 1), edge(1, 2)]);

        assert_eq!(run(&chain, &[Outcome::Success; 3], true), [0, 1, 2]);
        let second_fails = [Outcome::Success, Outcome::Failure, Outcome::Success];
        assert_eq!(run(&chain, &second_fails, true), [0, 1]);
    }

    #[test]
    fn an_or_target_starts_once_although_two_constraints_are_met() {
        let mut edges = vec![edge(0, 2), edge(1, 2)];
        edges.iter_mut().for_each(|edge| edge.logical_and = false);

        let ran = run(&graph(3, edges), &[Outcome::Success; 3], true);

        assert_eq!(ran.iter().filter(|index| **index == 2).count(), 1);
    }

    #[test]
    fn an_and_target_waits_for_all_and_never_runs_when_one_is_not_met() {
        let both = graph(3, vec![edge(0, 2), edge(1, 2)]);
        let mut snapshot = Snapshot::new(&both);
        snapshot.end(&both, 0, Outcome::Success, |_| true);
        snapshot.siblings[1] = Sibling::Started;
        assert_eq!(decide(&both, &snapshot), Decision::default());

        snapshot.end(&both, 1, Outcome::Failure, |_| false);
        assert_eq!(decide(&both, &snapshot).never, [2]);
    }

    #[test]
    fn what_never_runs_takes_everything_after_it_along() {
        // 2 comes before 1 in the file: settling must not depend on the order.
        let late = graph(3, vec![edge(0, 2), edge(2, 1)]);
        let mut snapshot = Snapshot::new(&late);
        snapshot.end(&late, 0, Outcome::Failure, |_| false);

        assert_eq!(decide(&late, &snapshot).never, [1, 2]);
    }

    #[test]
    fn after_a_failure_that_ends_the_container_only_its_followers_start() {
        let mut on_failure = edge(0, 1);
        on_failure.value = ConstraintValue::Failure;
        let two = graph(3, vec![on_failure]);
        let mut snapshot = Snapshot::new(&two);
        snapshot.admission = Admission::After(0);
        snapshot.end(&two, 0, Outcome::Failure, |_| true);

        assert_eq!(decide(&two, &snapshot).start, [1]);

        snapshot.admission = Admission::Nothing;
        assert_eq!(decide(&two, &snapshot).start, [0_usize; 0]);
    }

    fn any_graph() -> impl Strategy<Value = (Graph, Vec<Outcome>)> {
        (1_usize..9).prop_flat_map(|siblings| {
            let value = prop_oneof![
                Just(ConstraintValue::Success),
                Just(ConstraintValue::Failure),
                Just(ConstraintValue::Completion),
            ];
            let one_edge = (0..siblings, 0..siblings, value, any::<bool>());
            let outcome = prop_oneof![Just(Outcome::Success), Just(Outcome::Failure)];
            let edges = proptest::collection::vec(one_edge, 0..16);
            let outcomes = proptest::collection::vec(outcome, siblings);
            (edges, outcomes).prop_map(move |(raw, outcomes)| {
                let forward = raw.into_iter().filter(|(from, to, ..)| from < to);
                let edges = forward.map(|(from, to, value, logical_and)| Edge {
                    value,
                    logical_and,
                    ..edge(from, to)
                });
                (graph(siblings, edges.collect()), outcomes)
            })
        })
    }

    /// Says from the definition, without any state, whether a sibling runs.
    fn runs(graph: &Graph, outcomes: &[Outcome], index: usize) -> bool {
        let incoming: Vec<&Edge> = graph.edges.iter().filter(|edge| edge.to == index).collect();
        let met = |edge: &&Edge| {
            runs(graph, outcomes, edge.from) && is_met(edge, outcomes[edge.from], false)
        };
        let (together, alone): (Vec<&Edge>, Vec<&Edge>) =
            incoming.iter().partition(|edge| edge.logical_and);
        incoming.is_empty()
            || alone.iter().any(met)
            || (!together.is_empty() && together.iter().all(met))
    }

    proptest! {
        #[test]
        fn exactly_what_the_definition_says_runs_and_each_once((graph, outcomes) in any_graph()) {
            let mut ran = run(&graph, &outcomes, false);
            ran.sort_unstable();

            let expected: Vec<usize> = (0..graph.siblings)
                .filter(|index| runs(&graph, &outcomes, *index))
                .collect();
            prop_assert_eq!(ran, expected);
        }

        #[test]
        fn at_the_end_every_sibling_is_settled((graph, outcomes) in any_graph()) {
            let mut snapshot = Snapshot::new(&graph);
            for _ in 0..=graph.siblings {
                let decision = decide(&graph, &snapshot);
                snapshot.apply(&graph, &decision);
                for index in decision.start {
                    let met = |position: usize| is_met(&graph.edges[position], outcomes[index], false);
                    snapshot.end(&graph, index, outcomes[index], met);
                }
            }
            prop_assert!(!snapshot.siblings.contains(&Sibling::Waiting));
        }
    }
}
